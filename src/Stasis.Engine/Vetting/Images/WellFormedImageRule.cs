using Stasis.Engine.Criu.Images;
using Stasis.Engine.Vetting.Findings;

namespace Stasis.Engine.Vetting.Images;

/// <summary>Requires that every image is of a kind that a container's checkpoint has, and well-formed to the last byte.</summary>
internal static class WellFormedImageRule
{
    public static readonly RuleDescriptor KindRule = new()
    {
        Id = "image-kind",
        Finds = "images that CRIU would hand to other programs or to the kernel: AppArmor policies, automounters, "
            + "binfmt, BPF maps, tun devices, connection tracking; images of plug-ins; formats that no CRIU since "
            + "2017 writes",
    };

    public static readonly RuleDescriptor FormatRule = new()
    {
        Id = "image-format",
        Finds = "anything that isn't of the form above",
    };

    public static readonly RuleDescriptor UnknownFieldRule = new()
    {
        Id = "image-field",
        Finds = "fields that CRIU 4.2's definitions don't have",
    };

    // A process of 65536 threads has as many core images. An archive with more files than this is made to exhaust the host.
    private const int MaxFiles = 500_000;

    // Files that the runtime puts beside CRIU's images, and the link to the parent images, which Stasis makes.
    private static readonly string[] Others = ["descriptors.json", "parent", "stats-dump", "dump.log"];

    public static void Check(ImageVerification verification)
    {
        CheckAll(verification, verification.Images);
        if (verification.Images.Parent is { } parent)
            CheckAll(verification, parent);
    }

    private static void CheckAll(ImageVerification verification, ImageDirectory images)
    {
        var files = images.Files();
        if (files.Count > MaxFiles)
            verification.Refuse(FormatRule, images.Where(""), $"{files.Count}", "so many images no container's checkpoint has");
        foreach (var file in files.Take(MaxFiles))
        {
            if (Others.Contains(file))
                continue;
            if (ImageKind.Find(file) is not { } found)
                verification.Refuse(KindRule, images.Where(file), file, "no image of a container's checkpoint has that name");
            else if (found.Kind.Refused is { } why)
                verification.Refuse(KindRule, images.Where(file), file, why);
            else
                verification.Try(_ => ReadToEnd(images.Read(file)));
        }
    }

    private static void ReadToEnd(IEnumerable<ImageRecord> records)
    {
        foreach (var _ in records)
        {
        }
    }
}

internal static partial class FormImageCheckList
{
    internal static readonly ImageCheck Folder =
        Add(new(10, WellFormedImageRule.Check, WellFormedImageRule.KindRule, WellFormedImageRule.FormatRule,
            WellFormedImageRule.UnknownFieldRule));
}
