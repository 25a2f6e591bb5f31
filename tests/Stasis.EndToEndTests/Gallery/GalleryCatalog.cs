using Stasis.EndToEndTests.Compatibility;

namespace Stasis.EndToEndTests.Gallery;

/// <summary>
/// The programs of the gallery. What asks them asks through a Unix socket or a pipe: established TCP connections are an option of their own.
/// Containers run as root: on a host without CAP_SYS_RESOURCE, CRIU can't dump the processes of other users.
/// </summary>
public static partial class GalleryCatalog
{
    /// <summary>All of them.</summary>
    public static IReadOnlyList<GalleryProgram> All { get; } = [.. Servers, .. Runtimes, .. Tools];

    private static GalleryProgram FromMatrix(string name, string title, string load)
    {
        var program = ProgramCatalog.All.Single(program => program.Name == name);
        return new()
        {
            Name = name,
            Title = title,
            Load = load,
            Image = program.Image,
            Libraries = program.Libraries,
            Script = program.Script,
            RunOptions = program.RunOptions,
            CreateProbe = () => new LogProbe(),
        };
    }
}
