using System.Text.Json;
using Stasis.Engine.Archive;
using Stasis.Engine.Checkpoints.Import;
using Stasis.Engine.Checkpoints.Restore;
using Stasis.Engine.Criu;
using Stasis.Engine.Errors;
using Stasis.Engine.Jail;
using Stasis.Engine.Oci;
using Stasis.Engine.RuntimeSpec;
using Stasis.Engine.Storage;
using Stasis.Linux.Files;

namespace Stasis.Engine.RuntimeCommand;

/// <summary>Has the runtime restore the processes of a bundle, in a jail. They are held before their first instruction.</summary>
/// <param name="engine">The engine whose store has the checkpoint.</param>
/// <param name="bundle">The record of the container, whose cgroups are made.</param>
/// <param name="line">The command line.</param>
internal sealed class BundleLauncher(StasisEngine engine, RestoredBundle bundle, RuntimeCommandLine line)
{
    /// <summary>The runtime.</summary>
    public required Runtime Runtime { get; init; }

    /// <summary>The container's spec.</summary>
    public required OciSpec Spec { get; init; }

    /// <summary>Where its root file system is mounted.</summary>
    public required string RootFs { get; init; }

    /// <summary>The file that gets the PID of its first process.</summary>
    public required string PidFile { get; init; }

    /// <summary>What the host's import policy allows.</summary>
    public required IReadOnlyList<string> Allowed { get; init; }

    /// <summary>What messages call the checkpoint.</summary>
    public required string Title { get; init; }

    private string Folder => Path.GetFullPath(line.Bundle);

    private bool IsCrun => Runtime.IsCrun(Runtime.Path);

    private IEnumerable<string> EmptyFolderOption =>
        CriuRestoreOptions.MapEmptyFolder(Runtime, Layout.GetEmptyFolder(line.GetStateRoot(Runtime.Path)));

    /// <summary>Restores them.</summary>
    /// <param name="stored">The checkpoint in the store.</param>
    /// <param name="images">CRIU's images, fitted to the bundle.</param>
    /// <param name="options">Further options of CRIU's.</param>
    /// <param name="isLazy">Whether a page server supplies the memory.</param>
    /// <param name="cancellation">Gives up waiting for others that read the checkpoint.</param>
    /// <exception cref="StasisException">They can't be restored.</exception>
    public async Task RunAsync(
        CheckpointLease stored,
        CheckpointEntryPaths images,
        IReadOnlyList<string> options,
        bool isLazy,
        CancellationToken cancellation)
    {
        var request = CreateRequest(stored.Folder, images.Images, options);
        if (!isLazy)
        {
            await engine.CheckpointStore.RequireCompleteAsync(stored.Id, cancellation);
            await RestoreAsync(request, cancellation);
            return;
        }
        var supplied = request with
        {
            PagesSocket = bundle.Memory.Socket,
            Restore = request.Restore with { Configuration = [.. request.Restore.Configuration, "lazy-pages"] },
        };
        using var pages = await LazyRestore.RequestAsync(engine, bundle.Memory, stored.Folder, stored.Id, cancellation);
        await pages.GuardAsync(stop => Task.Run(() => RestoreSuppliedAsync(stop), CancellationToken.None), cancellation);

        async Task RestoreSuppliedAsync(CancellationToken stop)
        {
            await using var killing = stop.Register(bundle.Kill); // CRIU is in the container's cgroup
            await RestoreAsync(supplied, stop);
        }
    }

    private JailRequest CreateRequest(CheckpointEntryPaths checkpoint, string images, IReadOnlyList<string> options)
    {
        string[] flags = CriuRestoreOptions.HasFileLocks(checkpoint) ? ["--file-locks"] : [];
        return new JailRequest
        {
            Id = line.Id!,
            Runtime = Runtime,
            Spec = Spec,
            // Connections belong to the network that the container had.
            Restore = new RestoreRequest(images, flags, ["tcp-close", .. options, .. EmptyFolderOption], Allowed),
            Programs = engine.Layout.JailPrograms(Runtime.Path),
            Folder = Path.Combine(bundle.Folder, "jail"),
            Bundle = Folder,
            Script = LoopbackScript.Find(Spec, checkpoint),
            RootFs = RootFs,
            StateRoot = line.GetStateRoot(Runtime.Path),
            Log = bundle.Log,
            PidFile = PidFile,
        };
    }

    private async Task RestoreAsync(JailRequest request, CancellationToken cancellation)
    {
        var plan = await JailPlanBuilder.PrepareAsync(request, cancellation) with
        {
            Holds = true,
            SessionKeyring = $"_ses.{request.Id}",
            SpecFile = Path.Combine(bundle.Folder, "config.json"),
            WorkFolder = bundle.Folder,
        };
        AtomicFile.Write(plan.Spec, JsonSerializer.SerializeToUtf8Bytes(Spec, EngineJson.Default.OciSpec), durable: false);
        var log = RuntimeLog.OpenAtEnd(bundle.Log);
        if (JailedRestore.RunPlan(plan, GetArguments(request), Runtime.Environment) != 0)
            throw Explain(request, log);
    }

    private string[] GetArguments(JailRequest request) =>
    [
        "--root", request.StateRoot, "--log", request.Log, "--log-format", "json",
        "restore", "--detach", .. IsCrun ? [] : (string[])["--no-subreaper"], // crun has no such flag, and makes no subreaper
        "--bundle", request.Bundle, "--image-path", request.Restore.Images, "--work-path", request.Bundle, "--pid-file", request.PidFile,
        .. line.ConsoleSocket is { Length: > 0 } socket ? ["--console-socket", Path.GetFullPath(socket)] : (string[])[],
        .. request.Restore.Flags,
        request.Id,
    ];

    private StasisException Explain(JailRequest request, RuntimeLog log)
    {
        if (File.Exists(request.Findings))
        {
            var findings = JsonSerializer.Deserialize(File.ReadAllBytes(request.Findings), EngineJson.Default.IReadOnlyListFinding)!;
            return BundleRequirements.Refuse(findings, Title);
        }
        var lines = CriuLog.ErrorLines(Path.Combine(bundle.Folder, "restore.log"));
        var why = CriuErrors.Explain(lines) is { Count: > 0 } known ? known : lines;
        return Runtime.CreateFailure($"restore of {Title}", log, "", why.Count > 0 ? $" ({string.Join("; ", why)})" : "");
    }
}
