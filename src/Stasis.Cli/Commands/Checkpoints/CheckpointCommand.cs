using System.CommandLine;
using System.Diagnostics;
using Stasis.Cli.Commands.Archives;
using Stasis.Cli.Output;
using Stasis.Cli.Output.Reports;
using Stasis.Cli.Parsing;
using Stasis.Cli.Verbs;
using Stasis.Engine.Checkpoints;
using Stasis.Engine.Errors;
using Stasis.Engine.Formats.Compression;
using Stasis.Engine.Model;

namespace Stasis.Cli.Commands.Checkpoints;

internal sealed class CheckpointCommand : MultiContainerVerb
{
    private readonly Option<string?> _export = OptionFactory.Text("--export", "-e", "FILE", "Write the checkpoint into an archive; - is standard output; without it, the checkpoint stays with the container");
    private readonly Option<string?> _compress = OptionFactory.OneOf("--compress", "-c", "HOW", "How the archive is compressed, whatever it is called; zstd if not given", ["zstd", "gzip", "none"]);
    private readonly Option<string[]> _encrypt = ArchiveAccessOptions.Encrypt();
    private readonly Option<bool> _leaveRunning = OptionFactory.Flag("--leave-running", "-R", "Let the container run on afterwards");
    private readonly Option<bool> _keep = OptionFactory.Flag("--keep", "-k", "Keep CRIU's logs and statistics");
    private readonly Option<bool> _tcpEstablished = OptionFactory.Flag("--tcp-established", null, "Allow established TCP connections and keep them");
    private readonly Option<string?> _createImage = OptionFactory.Text("--create-image", null, "NAME", "Make an image that holds the checkpoint, to restore from by its name");
    private readonly Option<bool> _fileLocks = OptionFactory.Flag("--file-locks", null, "Allow file locks and keep them");
    private readonly Option<bool> _ignoreRootfs = OptionFactory.Flag("--ignore-rootfs", null, "Leave changes to the root file system out of the archive");
    private readonly Option<bool> _ignoreVolumes = OptionFactory.Flag("--ignore-volumes", null, "Leave the contents of named volumes out of the archive");
    private readonly Option<bool> _preCheckpoint = OptionFactory.Flag("--pre-checkpoint", "-P", "Write the memory alone and let the container run on, for a checkpoint later to build on");
    private readonly Option<bool> _withPrevious = OptionFactory.Flag("--with-previous", null, "Build on the pre-checkpoint: only what changed since is dumped");
    private readonly Option<bool> _printStats = OptionFactory.Flag("--print-stats", null, "Print how long each part took, as JSON");

    public CheckpointCommand() : base("checkpoint", "Freeze one or more running containers into an archive, or in place", all: "Checkpoint all running containers") =>
        AddOptions(_compress, _createImage, _encrypt, _export, _fileLocks, _ignoreRootfs, _ignoreVolumes, _keep, _leaveRunning, _preCheckpoint, _printStats, _tcpEstablished, _withPrevious);

    public override string Details =>
        "The container's memory, the changes to its files, its /dev/shm and its volumes belong to one instant. The archive is one that Podman restores. " +
        "It is written under a temporary name and renamed when it is whole; should anything fail, or the command be interrupted, the container runs on. " +
        "With --encrypt it is in age's format, outside of everything else: age -d gives the archive that Podman restores. " +
        "stasis checkpoint is short for Podman's stasis container checkpoint. Its subcommands look after the checkpoint store, where archives that were restored and checkpoints in " +
        "place are; a container that has the name of one is reached by the long form.";

    public override IReadOnlyList<(string, string)> Examples =>
    [
        ("stasis container checkpoint --export /var/backups/counter.tar.zst counter", "Freeze a container into an archive."),
        ("stasis container checkpoint -R -e copy.tar.zst counter", "The same, and let it run on."),
        ("stasis container checkpoint -e - counter | ssh root@other stasis container restore -i -", "Move it to another machine."),
        ("stasis container checkpoint --encrypt age1... -e counter.tar.zst.age counter", "Freeze it into an archive that one key alone can read; age-keygen makes keys."),
        ("stasis container checkpoint --create-image counter-monday counter", "Freeze a container into an image; stasis container restore counter-monday brings it back."),
    ];

    public override async Task<int> RunAsync(Invocation run)
    {
        var options = Read(run);
        var containers = Selected(run);
        if (options.Export is not null && containers.Count > 1)
            throw new UsageException("--export writes one container into one archive: give one container");
        if (options.CreateImage is not null && containers.Count > 1)
            throw new UsageException("--create-image makes an image of one container: give one container");
        var start = Stopwatch.GetTimestamp();
        var reports = new List<CriuReport>();
        var exit = await run.ForEachAsync(containers, async container =>
        {
            var result = await Progress.ShowAsync(progress => run.Engine.Checkpoints.CheckpointAsync(container, options, progress, run.Cancellation));
            if (run.Get(_printStats))
                reports.Add(CriuReport.FromResult(result));
            else if (options.Export != "-")
                StandardOutput.Line(container);
        });
        if (run.Get(_printStats))
            Json.Write(new CheckpointReport((long)Stopwatch.GetElapsedTime(start).TotalMicroseconds, reports), CliJson.Default.CheckpointReport);
        return exit;
    }

    public override bool CanApplyTo(Container container) => container.State.Status == ContainerStatus.Running;

    private CheckpointOptions Read(Invocation run)
    {
        var export = run.Get(_export);
        if (export is null && run.Has(_compress))
            throw new UsageException("--compress can only be used with --export");
        if (export is null && run.Has(_encrypt))
            throw new UsageException("--encrypt can only be used with --export");
        if (export == "-" && run.Get(_printStats))
            throw new UsageException("--print-stats cannot be used with --export -: both would be on standard output");
        if (export == "-" && StandardOutput.IsTerminal)
            throw new StasisException("an archive is not for a terminal, which standard output is") { Remedy = "redirect it, or give a file: --export FILE" };
        var leaves = export is not null || run.Get(_createImage) is not null;
        if (!leaves && run.Get(_ignoreRootfs))
            throw new UsageException("--ignore-rootfs can only be used with --export or --create-image");
        if (!leaves && run.Get(_ignoreVolumes))
            throw new UsageException("--ignore-volumes can only be used with --export or --create-image");
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
            LeaveRunning = run.Get(_leaveRunning),
            Keep = run.Get(_keep),
            TcpEstablished = run.Get(_tcpEstablished),
            FileLocks = run.Get(_fileLocks),
            IgnoreRootfs = run.Get(_ignoreRootfs),
            IgnoreVolumes = run.Get(_ignoreVolumes),
            PreCheckpoint = run.Get(_preCheckpoint),
            WithPrevious = run.Get(_withPrevious),
        };
    }
}
