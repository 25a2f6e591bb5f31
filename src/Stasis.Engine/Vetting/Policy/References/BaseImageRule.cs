using Stasis.Engine.Images;
using Stasis.Engine.Model;
using Stasis.Engine.Vetting.Findings;
using Stasis.Engine.Vetting.Json;

namespace Stasis.Engine.Vetting.Policy.References;

/// <summary>The base image: found by its ID, else by its name, else fetched by its name. A name is a name, no path or other transport.</summary>
internal static class BaseImageRule
{
    private const string Id = "image";

    public static IEnumerable<Finding> Check(VettingSubject subject)
    {
        var config = subject.Config;
        if (config.Unknown?.TryGetValue("rootfs", out var rootfs) == true && !CanonicalJson.IsEmpty(rootfs) && CanonicalJson.Bare(rootfs).Length > 0)
            yield return FindingFactory.Never("rootfs", "config.dump: rootfs", CanonicalJson.Bare(rootfs), "its root file system is a folder of the host, not an image");
        var (id, name) = (config.RootfsImageId ?? "", config.RootfsImageName ?? "");
        if (id.Length > 0 && subject.HasImage(id))
        {
            yield return FindingFactory.Info(Id, "config.dump: rootfsImageID", id, $"its image {name} is here");
            yield break;
        }
        if (name.Length == 0)
            yield break; // an error of its own
        if (ImageName.TryParse(name) is null)
            yield return FindingFactory.Never(Id, "config.dump: rootfsImageName", name, "its image's name is no name of an image");
        else
            yield return FindingFactory.Warning(Id, "config.dump: rootfsImageName", name, subject.HasImage(name) ? "an image of this name is used, with another ID than the archive's" : "its image isn't here, and will be fetched");
    }
}
