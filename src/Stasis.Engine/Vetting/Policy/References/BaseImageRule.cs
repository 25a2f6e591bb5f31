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
        Finds = "an image name that isn't one (a path). Listed: the image is here under its ID. A warning: only an image of that name "
            + "is here",
    };

    public static readonly RuleDescriptor RegistryRule = new()
    {
        Id = "registry",
        Finds = "an image that isn't here: which registry this host would ask for it is the archive's choice. A name is a "
            + "registry's, never another transport (`dir:`, `containers-storage:`)",
        Allow = "`registry:docker.io/library/busybox`, or `registries` of the policy file",
    };

    public static readonly RuleDescriptor RootfsRule = new()
    {
        Id = "rootfs",
        Finds = "a directory of the host as root file system",
    };

    public static IEnumerable<Finding> Check(VettingSubject subject)
    {
        var config = subject.Config;
        if (config.Unknown?.TryGetValue("rootfs", out var rootfs) == true && !CanonicalJsonText.IsEmpty(rootfs)
            && CanonicalJsonText.Bare(rootfs).Length > 0)
            yield return FindingFactory.Never(
                RootfsRule,
                "config.dump: rootfs",
                CanonicalJsonText.Bare(rootfs),
                "its root file system is a folder of the host, not an image");
        var (id, name) = (config.RootfsImageId ?? "", config.RootfsImageName ?? "");
        if (id.Length > 0 && subject.HasImage(id))
        {
            yield return FindingFactory.Info(Rule, "config.dump: rootfsImageID", id, $"its image {name} is here");
            yield break;
        }
        if (name.Length == 0)
            yield break; // the restore fails with an error of its own
        if (ImageName.TryParse(name) is not { } image)
            yield return FindingFactory.Never(Rule, "config.dump: rootfsImageName", name, "its image's name is no name of an image");
        else if (subject.HasImage(name))
            yield return FindingFactory.Warning(
                Rule,
                "config.dump: rootfsImageName",
                name,
                "an image of this name is used, with another ID than the archive's");
        else
            yield return FindingFactory.Refused(
                RegistryRule,
                "config.dump: rootfsImageName",
                name,
                "its image isn't here, and would be fetched; or bring it here: pull, load or import it",
                image.Repository());
    }
}

internal static partial class ReferenceCheckList
{
    internal static readonly PolicyCheck BaseImage =
        Add(new(240, BaseImageRule.Check, BaseImageRule.Rule, BaseImageRule.RegistryRule, BaseImageRule.RootfsRule));
}
