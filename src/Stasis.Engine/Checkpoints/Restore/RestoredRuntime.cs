using Stasis.Engine.Archive;
using Stasis.Engine.Errors;
using Stasis.Engine.Model;
using Stasis.Linux.Processes;

namespace Stasis.Engine.Checkpoints.Restore;

/// <summary>
/// Which OCI runtime restores a container: the one that checkpointed it. runc and crun describe a container's mounts and namespaces to
/// CRIU in their own ways, so neither can restore what the other dumped.
/// </summary>
internal static class RestoredRuntime
{
    // What an archive may name: it is a program that this host runs as root.
    private static readonly string[] Known = ["runc", "crun"];

    /// <summary>The runtime's name, or the path that was asked for; it is there.</summary>
    /// <param name="config">The archive's config.dump.</param>
    /// <param name="asked">The runtime that the user wants, or null.</param>
    /// <param name="engine">Its default runtime counts where the archive names none.</param>
    /// <param name="archive">For messages.</param>
    /// <exception cref="StasisException">It is another one, isn't there, or isn't one that an archive may ask for.</exception>
    public static string Choose(ContainerConfig config, string? asked, StasisEngine engine, string archive)
    {
        var recorded = Path.GetFileName(config.OciRuntime is { Length: > 0 } named ? named : asked ?? engine.Options.Runtime);
        // By its name alone: a path in an archive is one of another host.
        var chosen = new[] { asked, engine.Options.Runtime, recorded }.OfType<string>()
            .First(candidate => Path.GetFileName(candidate) == recorded || candidate == asked);
        if (Path.GetFileName(chosen) != recorded)
        {
            throw new StasisException(
                $"checkpoint archive {archive} was created with runtime '{recorded}' and cannot be restored with runtime '{asked}'")
            {
                Remedy = $"leave out --runtime: {recorded} is then used",
            };
        }
        if (chosen == recorded && chosen != asked && chosen != engine.Options.Runtime && !Known.Contains(recorded))
        {
            var why = $"it asks for the OCI runtime \"{recorded}\"; only {string.Join(" and ", Known)} can checkpoint and restore";
            throw new ArchiveException(archive, ArchiveEntryNames.ConfigDump, why);
        }
        if (ExecutablePath.Find(chosen) is null)
        {
            throw new StasisException(
                $"checkpoint archive {archive} was created with runtime '{recorded}', which is not installed here; no other can restore it")
            {
                Remedy = $"install {recorded}; `stasis doctor` shows what is missing",
            };
        }
        return chosen;
    }
}
