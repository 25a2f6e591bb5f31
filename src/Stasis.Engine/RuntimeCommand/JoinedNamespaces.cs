using Stasis.Engine.Errors;
using Stasis.Engine.RuntimeSpec;
using Stasis.Linux.Files;

namespace Stasis.Engine.RuntimeCommand;

/// <summary>
/// Namespaces of other containers that a container is to join, as those of its pod. The runtime hands CRIU the network namespace alone; the
/// others come by CRIU's own option, join-ns. A path in /proc names nothing in the restore's jail, so they are bind-mounted elsewhere for
/// the time of the restore.
/// </summary>
/// <param name="Spec">The spec, with the paths at which they are bind-mounted.</param>
/// <param name="Paths">Where each is, and where it is bind-mounted.</param>
internal sealed record JoinedNamespaces(OciSpec Spec, IReadOnlyList<(string Source, string Target)> Paths)
{
    private const string Proc = "/proc/";

    // Types of the spec that CRIU joins by its option, under the same names (criu/namespaces.c: join_ns_add).
    private static readonly string[] Types = ["uts", "ipc"];

    /// <summary>CRIU's options for them.</summary>
    public IReadOnlyList<string> CriuOptions =>
    [
        .. (Spec.Linux?.Namespaces ?? []).Where(space => Types.Contains(space.Type) && space.Path is { Length: > 0 })
            .Select(space => $"join-ns {space.Type}:{space.Path}"),
    ];

    /// <summary>Has CRIU make no such namespaces.</summary>
    /// <param name="images">The folder of images, which have been verified.</param>
    /// <param name="title">What messages call the checkpoint.</param>
    /// <exception cref="StasisException">The checkpoint has objects in one.</exception>
    public void Fit(string images, string title)
    {
        foreach (var space in (Spec.Linux?.Namespaces ?? []).Where(space => Types.Contains(space.Type) && space.Path is { Length: > 0 }))
            NamespaceIdImage.Join(images, space.Type, title);
    }

    /// <summary>Requires that a process is in all namespaces that the spec names: nobody would notice if it were in the host's.</summary>
    /// <param name="process">PID of the container's first process.</param>
    /// <exception cref="StasisException">It isn't.</exception>
    public void Require(int process)
    {
        foreach (var space in (Spec.Linux?.Namespaces ?? []).Where(space => space.Path is { Length: > 0 }))
        {
            var name = space.Type switch { "network" => "net", "mount" => "mnt", _ => space.Type };
            if (ReadIdentity(space.Path!) != ReadIdentity(FormattableString.Invariant($"/proc/{process}/ns/{name}")))
                throw new StasisException($"the restored process isn't in the {space.Type} namespace that the container is to join");
        }
    }

    /// <summary>Finds those of a spec.</summary>
    /// <param name="spec">The spec.</param>
    /// <param name="folder">The folder to bind-mount them in.</param>
    public static JoinedNamespaces Find(OciSpec spec, string folder)
    {
        List<(string, string)> paths = [];
        List<OciNamespace> spaces = [];
        foreach (var space in spec.Linux?.Namespaces ?? [])
        {
            if (space.Path?.StartsWith(Proc, StringComparison.Ordinal) != true)
            {
                spaces.Add(space);
                continue;
            }
            var target = Path.Combine(folder, "namespace-" + space.Type);
            paths.Add((space.Path, target));
            spaces.Add(space with { Path = target });
        }
        return new JoinedNamespaces(spec with { Linux = spec.Linux! with { Namespaces = spaces } }, paths);
    }

    /// <summary>Bind-mounts them. They are unmounted when the result is disposed.</summary>
    public IDisposable Mount()
    {
        var mounted = new Mounted();
        try
        {
            foreach (var (source, target) in Paths)
            {
                AtomicFile.Write(target, [], durable: false);
                Stasis.Linux.Mounts.Mount.Bind(source, target);
                mounted.Targets.Add(target);
            }
            return mounted;
        }
        catch
        {
            mounted.Dispose();
            throw;
        }
    }

    private static (ulong Device, ulong Inode) ReadIdentity(string path)
    {
        using var file = File.OpenHandle(path);
        var status = FileStatus.Read(file);
        return (status.ContainingDevice, status.Inode);
    }

    private sealed class Mounted : IDisposable
    {
        public List<string> Targets { get; } = [];

        public void Dispose()
        {
            foreach (var target in Targets)
                Stasis.Linux.Mounts.Mount.Unmount(target);
        }
    }
}
