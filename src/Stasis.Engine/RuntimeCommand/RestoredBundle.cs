using System.Text;
using System.Text.Json;
using Stasis.Engine.Errors;
using Stasis.Engine.Jail;
using Stasis.Engine.LazyPages;
using Stasis.Engine.Oci;
using Stasis.Engine.RuntimeCommand.Hooks;
using Stasis.Engine.Storage;
using Stasis.Linux.Files;
using Stasis.Linux.Mounts;

namespace Stasis.Engine.RuntimeCommand;

/// <summary>
/// The record of a container that this runtime restored: its cgroups, and whether it is held, which is to say frozen until the engine
/// starts it. Goes with the container.
/// </summary>
internal sealed class RestoredBundle
{
    private static readonly TimeSpan KillInterval = TimeSpan.FromMilliseconds(200);

    private readonly RestoredBundleLayout _files;
    private readonly string _lock;

    /// <param name="layout">The paths of Stasis.</param>
    /// <param name="root">The runtime's <c>--root</c>.</param>
    /// <param name="id">The container's ID.</param>
    public RestoredBundle(Layout layout, string root, string id) =>
        (_files, _lock) = (layout.RestoredBundle(root, id), layout.RestoredBundleLock(root, id));

    /// <summary>The folder, for files that the container needs as long as it is there.</summary>
    public string Folder => _files.Folder;

    /// <summary>What its page server needs to know of it.</summary>
    public LazyMemoryFiles Memory => LazyMemoryFiles.Of(_files);

    /// <summary>Why its memory couldn't be supplied, and it was killed; null if nothing is missing.</summary>
    public string? LostMemory => File.Exists(_files.LostPages) ? File.ReadAllText(_files.LostPages) : null;

    /// <summary>The sources of its private mounts.</summary>
    public string Sources => Path.Combine(Folder, "sources");

    /// <summary>The network namespace, if the engine has none for the container.</summary>
    public string Network => Path.Combine(Folder, "network");

    /// <summary>The runtime's log of the restore.</summary>
    public string Log => Path.Combine(Folder, "runtime.log");

    /// <summary>Whether it waits for its start.</summary>
    public bool IsHeld => File.Exists(HeldFile);

    /// <summary>Whether its restore has come to its end: without that, a restore is at work on it, or was killed.</summary>
    public bool IsComplete => File.Exists(CompleteFile);

    /// <summary>Whether its bundle has hooks.</summary>
    public bool HasHooks => File.Exists(HooksFile);

    private string RootFsFile => Path.Combine(Folder, "rootfs");

    private string HooksFile => Path.Combine(Folder, "hooks.json");

    private string HeldFile => Path.Combine(Folder, "held");

    private string CompleteFile => Path.Combine(Folder, "complete");

    /// <summary>The one of a container; null if this runtime hasn't restored it.</summary>
    /// <param name="layout">The paths of Stasis.</param>
    /// <param name="root">The runtime's <c>--root</c>.</param>
    /// <param name="id">The container's ID.</param>
    public static RestoredBundle? Find(Layout layout, string root, string? id) =>
        id is not null && IsValidId(id) && Directory.Exists(layout.RestoredBundle(root, id).Folder) ? new(layout, root, id) : null;

    /// <summary>Whether an ID is one that runc takes; it is a file name.</summary>
    public static bool IsValidId(string id) => id.Length is > 0 and <= 255 && id is not ("." or "..")
        && id.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '+' or '-' or '.');

    /// <summary>
    /// Takes it for the time of a restore. Waits for another process that restores it, or ends what is left of a restore.
    /// </summary>
    public Task<FileLock> LockAsync(CancellationToken cancellation) => FileLock.AcquireAsync(_lock, shared: false, cancellation);

    /// <summary>Records a container that is about to be restored, held.</summary>
    /// <param name="cgroups">The folders of its cgroups.</param>
    /// <param name="rootfs">Where its root file system is mounted.</param>
    /// <param name="hooks">The hooks of its bundle; null if it has none.</param>
    public void Begin(IReadOnlyList<string> cgroups, string rootfs, JsonElement? hooks)
    {
        PrivateDirectory.Create(Sources);
        AtomicFile.Write(RootFsFile, Encoding.UTF8.GetBytes(rootfs), durable: false);
        if (hooks is { } present)
            AtomicFile.Write(HooksFile, Encoding.UTF8.GetBytes(present.GetRawText()), durable: false);
        AtomicFile.Write(HeldFile, [], durable: false);
        AtomicFile.Write(_files.Cgroups, Encoding.UTF8.GetBytes(string.Join('\n', cgroups)), durable: false);
    }

    /// <summary>Records that the restore has come to its end.</summary>
    public void Complete() => AtomicFile.Write(CompleteFile, [], durable: false);

    /// <summary>Runs the hooks of a kind.</summary>
    /// <param name="kind">The kind, as <see cref="BundleHooks"/> has it.</param>
    /// <param name="state">The container's state, JSON, with its status.</param>
    /// <exception cref="StasisException">One failed.</exception>
    public void RunHooks(string kind, byte[] state)
    {
        if (!HasHooks)
            return;
        using var document = JsonDocument.Parse(File.ReadAllBytes(HooksFile));
        var hooks = BundleHooks.Read(document.RootElement);
        if (!hooks.Has(kind))
            return;
        var file = Path.Combine(Folder, "state.json");
        AtomicFile.Write(file, state, durable: false);
        hooks.Run(kind, file);
    }

    /// <summary>Lets the container run.</summary>
    public void Start()
    {
        if (File.Exists(RootFsFile))
            RestartPolicy.MarkStarted(File.ReadAllText(RootFsFile));
        JailCgroups.Thaw(_files.ReadCgroups());
        File.Delete(HeldFile);
    }

    /// <summary>Ends all of its processes, and the runtime that restores it.</summary>
    public void Kill()
    {
        if (!IsComplete)
            AbandonedRestore.KillStartedWith(Log); // the runtime isn't in the cgroups, and could put CRIU there
        CgroupKiller.Kill(_files.ReadCgroups());
    }

    /// <summary>Sends SIGKILL to all of its processes.</summary>
    public void SignalKill() => Cgroup.Kill(Cgroup.Processes(_files.ReadCgroups()));

    /// <summary>Ends all of its processes, and the restore that may still be at work on it.</summary>
    /// <returns>Its lock, so that no other restore begins.</returns>
    public async Task<FileLock> EndAsync()
    {
        var taking = LockAsync(CancellationToken.None);
        do
            Kill();
        while (await Task.WhenAny(taking, Task.Delay(KillInterval)) != taking);
        Kill(); // the restore may have succeeded meanwhile
        return await taking;
    }

    /// <summary>Removes what is left of it.</summary>
    public void Remove()
    {
        JailCgroups.Remove(_files.ReadCgroups());
        Mount.UnmountBeneath(Folder); // namespaces: its network's, and those that a restore that was killed was joining
        FileTree.Remove(Folder);
    }
}
