using Stasis.Engine.Storage;

namespace Stasis.Engine.LazyPages;

/// <summary>The container whose memory is supplied on demand, and the files that its restore and the page server share.</summary>
/// <param name="Container">The container's ID; of one in another engine's bundle, the folder of its record.</param>
/// <param name="Progress">Path of its <see cref="LazyPagesProgress"/>.</param>
/// <param name="Lost">The file that gets the reason if the memory can't be supplied.</param>
/// <param name="Socket">Path of the socket that CRIU connects to.</param>
internal sealed record LazyMemoryFiles(string Container, string Progress, string Lost, string Socket)
{
    /// <summary>Those of a container.</summary>
    public static LazyMemoryFiles Of(ContainerLayout paths) => new(paths.Id, paths.LazyPages, paths.LostPages, paths.LazyPagesSocket);

    /// <summary>Those of a container in another engine's bundle.</summary>
    public static LazyMemoryFiles Of(RestoredBundleLayout bundle) =>
        new(bundle.Folder, bundle.LazyPages, bundle.LostPages, bundle.LazyPagesSocket);
}
