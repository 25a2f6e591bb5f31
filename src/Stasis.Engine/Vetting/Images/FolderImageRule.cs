using Stasis.Engine.Criu.Images;

namespace Stasis.Engine.Vetting.Images;

/// <summary>Every file among the images is of a kind that a container's checkpoint has, and of its form to the last byte.</summary>
internal static class FolderImageRule
{
    // A process of 65536 threads has as many core images; more than this, and an archive is there to exhaust.
    private const int MostFiles = 500_000;

    // What the runtime puts beside CRIU's images, and the link to those that they build on (made by Stasis).
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
        if (files.Count > MostFiles)
            verification.Refuse("image-format", images.Where(""), $"{files.Count}", "so many images no container's checkpoint has");
        foreach (var file in files.Take(MostFiles))
        {
            if (Others.Contains(file))
                continue;
            if (ImageKind.Find(file) is not { } found)
                verification.Refuse("image-kind", images.Where(file), file, "no image of a container's checkpoint has that name");
            else if (found.Kind.Refused is { } why)
                verification.Refuse("image-kind", images.Where(file), file, why);
            else
                verification.Try(_ => Run(images.Read(file)));
        }
    }

    private static void Run(IEnumerable<ImageRecord> records)
    {
        foreach (var _ in records)
        {
        }
    }
}
