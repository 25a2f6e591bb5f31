using Stasis.Engine.Criu.Images;

namespace Stasis.Engine.RuntimeCommand;

/// <summary>The cgroups in images (cgroup.img): their settings are the engine's, in cgroups that it has made.</summary>
internal static class CgroupSettingsImage
{
    private const string Controllers = "controllers", Folders = "dirs", Inner = "children", Settings = "properties";

    private static readonly ImageKind Kind = ImageKind.Get("cgroup");

    /// <summary>Drops all settings that the checkpoint's container had: limits, and devices.</summary>
    /// <param name="images">The folder of images.</param>
    /// <exception cref="InvalidDataException">The image is damaged.</exception>
    public static void DropSettings(string images)
    {
        var path = Path.Combine(images, Kind.TheFile);
        if (LocalImageFile.TryReadFirst(path, Kind) is not { } cgroups)
            return; // the verifier says so
        var controllers = cgroups.Children(Controllers).Select(controller => WithFolders(controller, Folders)).ToList();
        LocalImageFile.Write(path, Kind, cgroups.WithChildren(Controllers, controllers));
    }

    private static ImageRecord DropFromFolder(ImageRecord folder) => WithFolders(folder.Without(Settings), Inner);

    private static ImageRecord WithFolders(ImageRecord record, string field) =>
        record.Has(field) ? record.WithChildren(field, [.. record.Children(field).Select(DropFromFolder)]) : record;
}
