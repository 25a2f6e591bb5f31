using Stasis.Engine.Archive;
using Stasis.Engine.Containers;
using Stasis.Engine.Criu;
using Stasis.Engine.Criu.Images;
using Stasis.Engine.Oci;
using Stasis.Engine.Storage;

namespace Stasis.Engine.Checkpoints.Restore;

/// <summary>
/// What CRIU is told about a restore, beside what the runtime tells it of itself. Where runc and crun have a flag, that is an argument of
/// their "restore", which conmon passes on (<see cref="RestoreRequest.Flags"/>). Everything else stands in the container's
/// criu.conf, which both hand to CRIU as the spec's annotation says (<see cref="CriuConfig.Annotate"/>).
/// </summary>
internal sealed record CriuRestoreOptions
{
    /// <summary>Arguments of the runtime's "restore".</summary>
    public required IReadOnlyList<string> RuntimeArguments { get; init; }

    /// <summary>Lines of criu.conf.</summary>
    public required IReadOnlyList<string> Configuration { get; init; }

    /// <summary>The options of one restore; writes the script that they name, if they name one.</summary>
    /// <param name="container">The container, locked.</param>
    /// <param name="checkpoint">What it is restored from.</param>
    /// <param name="options">How it is restored.</param>
    /// <param name="isLazy">Whether a page server supplies its memory.</param>
    public static CriuRestoreOptions Create(LockedContainer container, CheckpointEntryPaths checkpoint, RestoreOptions options, bool isLazy)
    {
        List<string> arguments = [], configuration = [];
        var tcp = options.Network.TcpConnections;
        if (tcp == TcpConnectionHandling.Keep)
            arguments.Add("--tcp-established");
        if (options.FileLocks || HasFileLocks(checkpoint))
            arguments.Add("--file-locks");
        if (tcp == TcpConnectionHandling.Close)
            configuration.Add("tcp-close"); // crun has a flag for it; runc 1.1 hasn't
        if (isLazy)
            configuration.Add("lazy-pages");
        configuration.AddRange(LoopbackScript.CriuOptions(container.Container, checkpoint, container.Paths));
        configuration.AddRange(MapEmptyFolder(container.Runtime, container.Engine.Layout.RuntimeEmptyFolder(container.Runtime.Path)));
        return new CriuRestoreOptions { RuntimeArguments = arguments, Configuration = configuration };
    }

    /// <summary>Writes criu.conf for the next run of CRIU, in place of what the last one was told.</summary>
    public void Write(ContainerLayout paths) => CriuConfig.Write(paths, Configuration);

    /// <summary>Whether processes hold locks on files: unless it is told to restore them, CRIU drops them without a word.</summary>
    public static bool HasFileLocks(CheckpointEntryPaths checkpoint)
    {
        var kind = ImageKind.Get("filelocks");
        var path = Path.Combine(checkpoint.Images, kind.TheFile);
        return File.Exists(path) && LocalImageFile.Read(path, kind).Count > 0;
    }

    /// <summary>
    /// crun (1.28) masks folders with an empty one in its <c>--root</c>, names that by the default root when it dumps, and by its own when
    /// it restores; CRIU then finds no such mount. With this option it does. Nothing for other runtimes.
    /// </summary>
    /// <param name="runtime">The runtime.</param>
    /// <param name="folder">The folder in its root (<see cref="Layout.RuntimeEmptyFolder"/>).</param>
    public static IReadOnlyList<string> MapEmptyFolder(Runtime runtime, string folder) =>
        Runtime.IsCrun(runtime.Path) ? [$"external mnt[/run/crun/.empty-directory]:{folder}"] : [];
}
