using Stasis.Engine.Images;
using Stasis.Engine.Vetting.Findings;
using Stasis.Engine.Vetting.Json;

namespace Stasis.Engine.Vetting.Policy.References;

/// <summary>
/// Finds a base image that isn't named by an image name. The image is looked up by ID, then by name, and is
/// pulled by name if it isn't in the store.
/// </summary>
internal static class BaseImageRule
{
    public static readonly RuleDescriptor Rule = new()
    {
        Id = "image",
        Finds = "an image name that isn't one (a path, another transport). Listed: the image is here under its ID. A "
            + "warning: only an image of that name is here, or none",
    };

    public static readonly RuleDescriptor RootfsRule = new()
    {
        Id = "rootfs",
        Finds = "a directory of the host as root file system",
    };

    public static IEnumerable<Finding> Check(VettingSubject subject)
    {
        var config = subject.Config;
        if (config.Unknown?.TryGetValue("rootfs", out var rootfs) == true && !CanonicalJson.IsEmpty(rootfs)
            && CanonicalJson.Bare(rootfs).Length > 0)
            yield return FindingFactory.Never(
                RootfsRule,
                "config.dump: rootfs",
                CanonicalJson.Bare(rootfs),
                "its root file system is a folder of the host, not an image");
        var (id, name) = (config.RootfsImageId ?? "", config.RootfsImageName ?? "");
        if (id.Length > 0 && subject.HasImage(id))
        {
            yield return FindingFactory.Info(Rule, "config.dump: rootfsImageID", id, $"its image {name} is here");
            yield break;
        }
        if (name.Length == 0)
            yield break; // the restore fails with an error of its own
        if (ImageName.TryParse(name) is null)
            yield return FindingFactory.Never(Rule, "config.dump: rootfsImageName", name, "its image's name is no name of an image");
        else
            yield return FindingFactory.Warning(
                Rule,
                "config.dump: rootfsImageName",
                name,
                subject.HasImage(name)
                    ? "an image of this name is used, with another ID than the archive's"
                    : "its image isn't here, and will be fetched");
    }
}

internal static partial class ReferenceRules
{
    internal static readonly PolicyCheck BaseImage = Add(new(240, BaseImageRule.Check, BaseImageRule.Rule, BaseImageRule.RootfsRule));
}
