using System.CommandLine;
using System.Diagnostics;
using Stasis.Cli.Commands.Archives;
using Stasis.Cli.Commands.Images;
using Stasis.Cli.Output;
using Stasis.Cli.Output.Reports;
using Stasis.Cli.Output.Tables;
using Stasis.Cli.Output.Templates;
using Stasis.Cli.Parsing;
using Stasis.Cli.Verbs;
using Stasis.Engine.Checkpoints;
using Stasis.Engine.Errors;
using Stasis.Engine.ExternalEngines;
using Stasis.Engine.Formats.Compression;
using Stasis.Engine.Model;

namespace Stasis.Cli.Commands.Checkpoints;

internal sealed class CheckpointCommand : MultiContainerVerb
{
    private static readonly Dictionary<string, ContainerEngine> Engines = new()
    {
        ["docker"] = ContainerEngine.Docker,
        ["containerd"] = ContainerEngine.Containerd,
        ["crio"] = ContainerEngine.CriO,
        ["podman"] = ContainerEngine.Podman,
    };

    private static readonly TemplatedTable FindingTable = new(
        "checkpoint",
        @"{{.container}}\t{{.severity}}\t{{.kind}}\t{{.pid}}\t{{.message}}",
        new Dictionary<string, string>());

    private readonly Option<string?> _export = OptionFactory.Text(
        "--export",
        "-e",
        "FILE",
        "Export the checkpoint to an archive (- for standard output) instead of keeping it with the container");
    private readonly Option<string?> _compress =
        OptionFactory.OneOf("--compress", "-c", "HOW", "Compression of the archive (default: zstd)", ["zstd", "gzip", "none"]);
    private readonly Option<string?> _engine = OptionFactory.OneOf(
        "--engine",
        null,
        "ENGINE",
        "Checkpoint a container of another engine, which is left running",
        [.. Engines.Keys]);
    private readonly Option<string?> _push =
        OptionFactory.Text("--push", null, "DESTINATION", "Push the checkpoint to a registry as an image; needs --leave-running");
    private readonly RegistryAccessOptions _registry = new();
    private readonly Option<bool> _dryRun = OptionFactory.Flag(
        "--dry-run",
        null,
        "Only say what stands in the way of the checkpoint; touch nothing");
    private readonly Option<string?> _format =
        OptionFactory.Text("--format", null, "FORMAT", "With --dry-run: json, or a template such as {{.kind}}");
    private readonly Option<string[]> _encrypt = ArchiveAccessOptions.MakeEncrypt();
    private readonly Option<bool> _leaveRunning =
        OptionFactory.Flag("--leave-running", "-R", "Leave the container running after writing the checkpoint");
    private readonly Option<bool> _keep = OptionFactory.Flag("--keep", "-k", "Keep CRIU's log and statistics files");
    private readonly Option<bool> _tcpEstablished =
        OptionFactory.Flag("--tcp-established", null, "Checkpoint a container with established TCP connections");
    private readonly Option<string?> _createImage =
        OptionFactory.Text("--create-image", null, "NAME", "Create a checkpoint image, which can be restored by name");
    private readonly Option<bool> _fileLocks =
        OptionFactory.Flag("--file-locks", null, "Accepted as Podman's option: file locks are always kept");
    private readonly Option<bool> _ignoreRootfs =
        OptionFactory.Flag("--ignore-rootfs", null, "Do not include changes to the root file system when exporting");
    private readonly Option<bool> _ignoreVolumes = OptionFactory.Flag("--ignore-volumes", null, "Do not export volumes of the container");
    private readonly Option<bool> _preCheckpoint = OptionFactory.Flag(
        "--pre-checkpoint",
        "-P",
        "Dump memory only and leave the container running; a later checkpoint can build on it");
    private readonly Option<bool> _withPrevious =
        OptionFactory.Flag("--with-previous", null, "Dump only memory that changed since the pre-checkpoint");
    private readonly Option<bool> _printStats = OptionFactory.Flag("--print-stats", null, "Print statistics as JSON");

    public CheckpointCommand() : base(
        "checkpoint",
        "Checkpoint one or more running containers",
        all: "Checkpoint all running containers")
    {
        AddOptions(_registry.All);
        AddOptions(
            _compress,
            _createImage,
            _dryRun,
            _encrypt,
            _engine,
            _export,
            _fileLocks,
            _format,
            _ignoreRootfs,
            _ignoreVolumes,
            _keep,
            _leaveRunning,
            _preCheckpoint,
            _printStats,
            _push,
            _tcpEstablished,
            _withPrevious);
    }

    public override string Details =>
        "Saves the container's memory, the changes to its files, /dev/shm and its volumes as they were at one instant. Podman can " +
        "restore the archive. The archive is written under a temporary name and renamed when it is complete. If the checkpoint fails " +
        "or is interrupted, the container keeps running. With --dry-run, nothing is touched: what CRIU can't dump, or only with an " +
        "option, is printed with the process, the descriptor and what to do, and the exit code is 125 if the checkpoint would be " +
        "refused. With --encrypt, the archive is in age's format: age -d gives the archive that Podman restores. " +
        "With --engine, CONTAINER is a running container of Docker, containerd, CRI-O or Podman (for Kubernetes: " +
        "NAMESPACE/POD/CONTAINER), and --export or --push says where the checkpoint goes; the engine isn't asked, and the container runs " +
        "on. " +
        "stasis checkpoint is short for stasis container checkpoint. The subcommands of stasis checkpoint manage the " +
        "checkpoint store, which holds checkpoints in place and those read from archives; for a container named like a subcommand, use " +
        "the long form.";

    public override IReadOnlyList<(string, string)> Examples =>
    [
        ("stasis container checkpoint --export /var/backups/counter.tar.zst counter", "Checkpoint a container to an archive."),
        ("stasis container checkpoint --dry-run counter", "Say what stands in the way of a checkpoint."),
        ("stasis container checkpoint -R -e copy.tar.zst counter", "Leave the container running."),
        ("stasis container checkpoint -e - counter | ssh root@other stasis container restore -i -", "Move a container to another machine."),
        ("stasis container checkpoint --encrypt age1... -e counter.tar.zst.age counter",
            "Encrypt the archive to a key that age-keygen made."),
        ("stasis container checkpoint --create-image counter-monday counter",
            "Checkpoint a container to an image; stasis container restore counter-monday restores it."),
        ("stasis container checkpoint --engine docker -e web.tar.zst web", "Checkpoint a container of Docker, which runs on."),
        ("stasis container checkpoint --engine containerd --push registry.example.com/web:1 default/web-0/nginx",
            "Checkpoint a container of a Kubernetes pod to a registry."),
    ];

    public override async Task<int> RunAsync(Invocation run)
    {
        var options = Read(run);
        var containers = run.Has(_engine) ? Named(run) : Selected(run);
        if (options.Export is not null && containers.Count > 1)
            throw new UsageException("--export can only be used with one container");
        if (options.CreateImage is not null && containers.Count > 1)
            throw new UsageException("--create-image can only be used with one container");
        if (run.Has(_push) && containers.Count > 1)
            throw new UsageException("--push can only be used with one container");
        if (run.Get(_dryRun))
            return await DryRunAsync(run, containers, options);
        var start = Stopwatch.GetTimestamp();
        var reports = new List<ContainerStatistics>();
        var exit = await run.ForEachAsync(containers, async container =>
        {
            if (run.Get(_push) is { } destination)
            {
                var pushed = await ProgressDisplay.ShowAsync((IProgress<OperationProgress>? progress) =>
                    run.Engine.Checkpoints.CheckpointToRegistryAsync(
                        export => CheckpointAsync(run, container, export, progress),
                        options, destination, _registry.Read(run), progress, run.Cancellation));
                StandardOutput.Line(pushed.Digest);
                return;
            }
            var result = await ProgressDisplay.ShowAsync(
                (IProgress<OperationProgress>? progress) => CheckpointAsync(run, container, options, progress));
            if (run.Get(_printStats))
                reports.Add(ContainerStatistics.FromResult(result));
            else if (options.Export != "-")
                StandardOutput.Line(container);
        });
        if (run.Get(_printStats))
            JsonPrinter.Write(
                new CheckpointReport((long)Stopwatch.GetElapsedTime(start).TotalMicroseconds, reports),
                CliJsonContext.Default.CheckpointReport);
        return exit;
    }

    private Task<CheckpointResult> CheckpointAsync(
        Invocation run, string container, CheckpointOptions options, IProgress<OperationProgress>? progress) => Engine(run) is { } engine
            ? run.Engine.External.CheckpointAsync(engine, container, options, progress, run.Cancellation)
            : run.Engine.Checkpoints.CheckpointAsync(container, options, progress, run.Cancellation);

    // The findings of all containers are one JSON array.
    private async Task<int> DryRunAsync(Invocation run, IReadOnlyList<string> containers, CheckpointOptions options)
    {
        var all = new List<PreflightRow>();
        var (format, isRefused) = (run.Get(_format), false);
        var exit = await run.ForEachAsync(containers, async container =>
        {
            var findings = Engine(run) is { } engine
                ? await run.Engine.External.PreflightAsync(engine, container, options, run.Cancellation)
                : await run.Engine.Checkpoints.PreflightAsync(container, options, run.Cancellation);
            isRefused |= findings.Any(finding => finding.IsObstacle);
            all.AddRange(findings.Select(finding => PreflightRow.FromFinding(container, finding)));
            if (format is null)
                StandardOutput.Text(PreflightReport.Text(container, findings));
        });
        if (Template.IsJson(format))
            JsonPrinter.Write(all, CliJsonContext.Default.ListPreflightRow);
        else if (format is not null)
            FindingTable.Write(all, CliJsonContext.Default.PreflightRow, format);
        return exit != 0 ? exit : isRefused ? Cli.ExitCodes.Failure : 0;
    }

    public override bool CanApplyTo(Container container) => container.State.Status == ContainerStatus.Running;

    private ContainerEngine? Engine(Invocation run) => run.Get(_engine) is { } name ? Engines[name] : null;

    private CheckpointOptions Read(Invocation run)
    {
        var export = run.Get(_export);
        if (run.Has(_push))
            RefuseOptionsOfOtherPlaces(run);
        if (run.Has(_leaveRunning) && !run.Get(_leaveRunning) && run.Has(_engine))
            throw new UsageException("--leave-running=false cannot be used with --engine: stop the container with its engine");
        if (run.Has(_format) && !run.Get(_dryRun))
            throw new UsageException("--format can only be used with --dry-run");
        if (run.Get(_dryRun) && run.Get(_printStats))
            throw new UsageException("--print-stats cannot be used with --dry-run: there are no statistics");
        if (export is null && run.Has(_compress))
            throw new UsageException("--compress can only be used with --export");
        if (export is null && run.Has(_encrypt))
            throw new UsageException("--encrypt can only be used with --export");
        if (export == "-" && run.Get(_printStats))
            throw new UsageException("--print-stats cannot be used with --export -: both write to standard output");
        if (export == "-" && StandardOutput.IsTerminal && !run.Get(_dryRun))
            throw new StasisException("cannot write an archive to a terminal")
            {
                Remedy = "redirect standard output, or use --export FILE",
            };
        var isExternal = (export ?? run.Get(_createImage) ?? run.Get(_push)) is not null;
        if (!isExternal && run.Get(_ignoreRootfs))
            throw new UsageException("--ignore-rootfs can only be used with --export, --create-image or --push");
        if (!isExternal && run.Get(_ignoreVolumes))
            throw new UsageException("--ignore-volumes can only be used with --export, --create-image or --push");
        return new CheckpointOptions
        {
            Export = export,
            CreateImage = run.Get(_createImage),
            Compression = run.Get(_compress) switch
            {
                "gzip" => CompressionFormat.Gzip,
                "none" => CompressionFormat.None,
                _ => CompressionFormat.Zstd,
            },
            Encrypt = run.Get(_encrypt),
            LeaveRunning = run.Get(_leaveRunning) || run.Has(_engine),
            Keep = run.Get(_keep),
            TcpEstablished = run.Get(_tcpEstablished),
            IgnoreRootfs = run.Get(_ignoreRootfs),
            IgnoreVolumes = run.Get(_ignoreVolumes),
            PreCheckpoint = run.Get(_preCheckpoint),
            WithPrevious = run.Get(_withPrevious),
        };
    }

    private void RefuseOptionsOfOtherPlaces(Invocation run)
    {
        Option[] others = [_export, _createImage, _encrypt, _preCheckpoint, _printStats];
        if (others.FirstOrDefault(run.IsRequested) is { } option)
            throw new UsageException($"{option.Name} cannot be used with --push");
    }
}
