using System.CommandLine;
using System.Diagnostics;
using Stasis.Cli.Commands.Archives;
using Stasis.Cli.Commands.Images;
using Stasis.Cli.Output;
using Stasis.Cli.Output.Reports;
using Stasis.Cli.Output.Tables;
using Stasis.Cli.Parsing;
using Stasis.Cli.Verbs;
using Stasis.Engine.Archive;
using Stasis.Engine.Checkpoints;
using Stasis.Engine.Errors;
using Stasis.Engine.Images;
using Stasis.Engine.Model;

namespace Stasis.Cli.Commands.Checkpoints;

internal sealed class RestoreCommand : MultiContainerVerb
{
    private const string Registry = "docker://";

    private readonly Option<string?> _import =
        OptionFactory.Text("--import", "-i", "FILE", "Restore from an archive (- for standard input)");
    private readonly Option<string?> _checkpoint =
        OptionFactory.Text("--checkpoint", null, "CHECKPOINT", "Restore from a checkpoint in the store, by ID or name");
    private readonly Option<string?> _importPrevious =
        OptionFactory.Text("--import-previous", null, "FILE", "Archive of the pre-checkpoint that a Podman archive builds on");
    private readonly ArchiveAccessOptions _reading = new();
    private readonly RegistryAccessOptions _registry = new();
    private readonly CopyNamingOptions _copies = new();
    private readonly PostRestoreActionOptions _afterwards = new();
    private readonly Option<bool> _keep = OptionFactory.Flag("--keep", "-k", "Keep the checkpoint, and CRIU's log and statistics files");
    private readonly Option<bool> _tcpEstablished =
        OptionFactory.Flag("--tcp-established", null, "Restore a container with established TCP connections");
    private readonly Option<bool> _tcpClose = OptionFactory.Flag("--tcp-close", null, "Close established TCP connections");
    private readonly Option<bool> _fileLocks = OptionFactory.Flag("--file-locks", null, "Restore a container with file locks");
    private readonly Option<bool> _ignoreCpu = OptionFactory.Flag(
        "--ignore-cpu",
        null,
        "Restore on a processor without the AVX or AVX-512 of the one that the checkpoint was made on");
    private readonly Option<bool> _ignoreRootfs =
        OptionFactory.Flag("--ignore-rootfs", null, "Do not apply changes to the root file system");
    private readonly Option<bool> _ignoreVolumes =
        OptionFactory.Flag("--ignore-volumes", null, "Do not restore volumes: use existing ones, create the others empty");
    private readonly Option<string[]> _volume = OptionFactory.Many("--volume", null, "OLD=NEW", "Restore volume OLD to a new volume NEW");
    private readonly Option<bool> _ignoreStaticIp =
        OptionFactory.Flag("--ignore-static-ip", null, "Ignore the IP address that the container had");
    private readonly Option<bool> _ignoreStaticMac =
        OptionFactory.Flag("--ignore-static-mac", null, "Ignore the MAC address that the container had");
    private readonly Option<string[]> _network = OptionFactory
        .Many(
            "--network",
            null,
            "NETWORK",
            "Network instead of those that the container had, as for run")
        .WithAliases("--net");
    private readonly Option<string?> _ip = OptionFactory.Text("--ip", null, "ADDRESS", "IP address, if the container has one network");
    private readonly Option<string?> _macAddress =
        OptionFactory.Text("--mac-address", null, "ADDRESS", "MAC address, if the container has one network");
    private readonly Option<string[]> _publish = OptionFactory.Many(
        "--publish",
        "-p",
        "[[IP:][HOSTPORT]:]PORT[/PROTOCOL]",
        "Publish a port, instead of those that the container had");
    private readonly Option<long?> _maxSize = OptionFactory.Create<long?>(
        "--max-size",
        null,
        "SIZE",
        "Largest decompressed size of an archive, such as 500g (default: 1t)",
        text => ValueParsers.Size(text));
    private readonly Option<long?> _maxEntries = OptionFactory.Create<long?>(
        "--max-entries",
        null,
        "N",
        "Most entries in an archive, and in any tar in it (default: 5000000)",
        text => ValueParsers.Count(text));
    private readonly Option<long?> _maxRatio = OptionFactory.Create<long?>(
        "--max-ratio",
        null,
        "N",
        "Highest compression ratio of an archive over 4 GiB (default: 1000)",
        text => ValueParsers.Count(text));
    private readonly Option<string?> _hostname =
        OptionFactory.Text("--hostname", null, "NAME", "Hostname instead of the one that the container had");
    private readonly Option<bool> _lazy = OptionFactory.Flag(
        "--lazy",
        null,
        "Start before all memory is restored: pages load on access and in the background (default for much memory)");
    private readonly Option<bool> _noLazy = OptionFactory.Flag("--no-lazy", null, "Restore all memory before the container runs");
    private readonly Option<string[]> _allow = ArchiveAccessOptions.MakeAllow();
    private readonly Option<string?> _pod = OptionFactory.Text("--pod", null, "POD", "Not supported: Stasis has no pods");
    private readonly Option<bool> _quiet = OptionFactory.Flag("--quiet", "-q", "Print IDs only");
    private readonly Option<bool> _printStats = OptionFactory.Flag("--print-stats", null, "Print statistics as JSON");

    public RestoreCommand() : base(
        "restore",
        "Restore containers from an archive, from checkpoint images, or from checkpoints in place",
        all: "Restore all checkpointed containers") =>
        AddOptions(
        [
            .. _reading.All,
            .. _copies.All,
            .. _afterwards.All,
            .. _registry.All,
            _allow, _checkpoint, _fileLocks, _hostname, _ignoreCpu, _ignoreRootfs, _ignoreStaticIp, _ignoreStaticMac,
            _ignoreVolumes, _import, _importPrevious, _ip, _keep, _lazy, _macAddress, _maxEntries, _maxRatio,
            _maxSize, _network, _noLazy, _pod, _printStats, _publish, _quiet, _tcpClose, _tcpEstablished, _volume,
        ]);

    public override string Details =>
        "CONTAINER is a container that was checkpointed in place, or a checkpoint image (container checkpoint --create-image); one that " +
        "begins with docker:// is pulled first; if it has a digest (@sha256:), its memory is fetched while the container runs. Without " +
        "--name, the container gets its old name and ID, which must be free. With --name it gets that name and a new ID: an archive " +
        "can be restored any number of times, also at once. Named volumes are created, so their names must be free; --volume renames " +
        "them, and --ignore-volumes uses the existing ones. Anonymous volumes get a new name with --name. An archive is read once and " +
        "stays in the checkpoint store (stasis checkpoint ls); later restores use the store. If a restore fails, all that it made is " +
        "undone. With several names, or --replicas, copies are restored as many at a time as there are processors. Then the " +
        "hostname of a copy is its name, unless --hostname is given; with a single --name it stays. {n} in a hostname or in --volume is " +
        "the number of the copy, {name} its name. " +
        "/run/.stasis/identity.json in a copy tells which copy it is. stasis restore is short for stasis container restore.";

    public override IReadOnlyList<(string, string)> Examples =>
    [
        ("stasis container restore --import /var/backups/counter.tar.zst", "Restore a container from an archive."),
        ("stasis container restore -i counter.tar.zst --name copy", "Start a copy from an archive."),
        ("stasis container restore -i counter.tar.zst --require-signature=ops.pub",
            "Restore an archive only if it is signed by that SSH key (stasis archive sign)."),
        ("stasis container restore --checkpoint counter --name copy", "Start a copy from a checkpoint in the store."),
        ("stasis container restore counter-monday --name copy", "Start a copy from a checkpoint image."),
        ("stasis container restore docker://registry.example.com/counter:monday --name copy", "Start a copy from an image on a registry."),
        ("stasis container restore docker://registry.example.com/counter@sha256:… --name copy",
            "Start it by the digest that was printed when it was pushed: before its memory has been fetched."),
        ("stasis container restore -i db.tar.zst --name db2 --volume data=data2", "Start a copy, with its volume under a new name."),
    ];

    public override async Task<int> RunAsync(Invocation run)
    {
        var options = Read(run);
        if (run.Get(_import) is not null && run.Get(_checkpoint) is not null)
            throw new UsageException("--import and --checkpoint cannot be used together");
        var given = run.Get(_import) ?? run.Get(_checkpoint);
        if (given is not null && IsAnySelected(run))
            throw new UsageException(
                $"cannot use --{(run.Get(_import) is not null ? "import" : "checkpoint")} with positional arguments, " +
                $"--all or --latest{_reading.SignersHint(run)}");
        var names = given is not null ? [given] : Selected(run);
        foreach (var name in names.Where(name => given is null && IsOnRegistry(name) && !CanFetchOnDemand(run, name)))
            await ProgressDisplay.ShowAsync((IProgress<ImageProgress>? progress) =>
                run.Engine.Images.PullAsync(name, retag: true, _registry.Read(run), progress, run.Cancellation));
        var wanted = names.Select(name => (Name: name, Source: Source(run, name))).ToList();
        var copies = _copies.Count(run);
        RefuseCreationOptionsInPlace(run, wanted.ConvertAll(restore => restore.Source), copies);
        if (_copies.MakesCopies(run)) // a single --name only renames what is restored
            return await CopyAsync(run, wanted[0].Source, options);
        var start = Stopwatch.GetTimestamp();
        var reports = new List<ContainerStatistics>();
        var exit = await run.ForEachAsync(wanted, async restore =>
        {
            if (IsMissing(run, restore.Source))
                throw NotFound(run, restore.Name);
            var result = await ProgressDisplay.ShowAsync(
                progress => run.Engine.Checkpoints.RestoreAsync(restore.Source, options, progress, run.Cancellation));
            if (run.Get(_printStats))
                reports.Add(ContainerStatistics.FromResult(result));
            else
                StandardOutput.Line(restore.Source is not CheckpointSource.InPlace || run.Get(_quiet) ? result.Container.Id : restore.Name);
        });
        if (run.Get(_printStats))
            JsonPrinter.Write(new RestoreReport((long)Stopwatch.GetElapsedTime(start).TotalMicroseconds, reports),
                CliJsonContext.Default.RestoreReport);
        return exit;
    }

    public override bool CanApplyTo(Container container) => container.State is { Checkpointed: true, IsAlive: false };

    private CheckpointSource Source(Invocation run, string name)
    {
        var previous = run.Get(_importPrevious);
        if (run.Get(_import) is { } file)
            return ArchiveAccessOptions.Source(file, previous);
        if (run.Get(_checkpoint) is { } checkpoint)
            return new CheckpointSource.InStore(checkpoint);
        if (IsOnRegistry(name) && CanFetchOnDemand(run, name))
            return new CheckpointSource.RegistryImage(name[Registry.Length..]) { Registry = _registry.Read(run) };
        if (IsOnRegistry(name))
            return new CheckpointSource.NamedImage(name[Registry.Length..]) { PreCheckpoint = previous };
        // An argument names a container, or else a checkpoint image.
        return !run.Engine.Containers.Exists(name) && run.Engine.Images.Find(name) is not null
            ? new CheckpointSource.NamedImage(name) { PreCheckpoint = previous }
            : new CheckpointSource.InPlace(name);
    }

    private static bool IsOnRegistry(string name) => name.StartsWith(Registry, StringComparison.Ordinal);

    // What has a digest can't change meanwhile.
    private bool CanFetchOnDemand(Invocation run, string name) =>
        name.Contains("@sha256:", StringComparison.Ordinal) && run.Get(_importPrevious) is null;

    // Options for new containers can't be used with one that is restored in place.
    private void RefuseCreationOptionsInPlace(Invocation run, List<CheckpointSource> sources, int copies)
    {
        Option[] making =
        [
            _copies.Name,
            _copies.Replicas,
            _copies.Template,
            _allow,
            _reading.Policy,
            _maxEntries,
            _maxRatio,
            _maxSize,
            _importPrevious,
            _ignoreRootfs,
            _ignoreVolumes,
            _volume
        ];
        if (making.Any(run.IsRequested) && sources.Find(source => IsMissing(run, source)) is CheckpointSource.InPlace(var missing))
            throw NotFound(run, missing);
        if (sources.Any(source => source is CheckpointSource.InPlace) && making.FirstOrDefault(run.IsRequested) is { } option)
            throw new UsageException($"{option.Name} can only be used with image, --import or --checkpoint");
        if (sources.Count > 1 && copies > 0)
            throw new UsageException("--name can only be used with one checkpoint image");
        Option[] single = [_importPrevious, _ip, _macAddress, _publish, _printStats, _keep];
        if (copies > 1 && single.FirstOrDefault(run.IsRequested) is { } once)
            throw new UsageException($"{once.Name} can only be used with one copy");
        Option[] named = [_importPrevious, _printStats];
        if (copies == 1 && !run.Has(_copies.Name) && named.FirstOrDefault(run.IsRequested) is { } alone)
            throw new UsageException($"{alone.Name} cannot be used with --replicas and --name-template: name the copy with --name");
    }

    private static bool IsMissing(Invocation run, CheckpointSource source) =>
        source is CheckpointSource.InPlace(var name) && !run.Engine.Containers.Exists(name);

    private static NotFoundException NotFound(Invocation run, string missing) =>
        new($"no such container or image: {missing}") { Remedy = WhereItIs(run, missing) };

    private static string WhereItIs(Invocation run, string missing)
    {
        if (Array.Find([missing, $"/{missing}"], File.Exists) is { } archive)
            return $"an archive is named with --import: stasis restore --import {archive}";
        return run.Engine.Checkpoints.List().Any(
                checkpoint => checkpoint.Tags.Contains(missing)
                    || (missing.Length >= 12 && checkpoint.Id.StartsWith(missing, StringComparison.Ordinal)))
            ? $"a checkpoint in the store is named with --checkpoint: stasis restore --checkpoint {missing}"
            : "stasis ps --all lists containers, stasis images lists images; an archive is named with --import FILE";
    }

    private async Task<int> CopyAsync(Invocation run, CheckpointSource source, RestoreOptions options)
    {
        var table = new CopiesTable(run.Get(_quiet), run.Get(_copies.KeepGoing));
        var copies = _copies.Copies(run, options with { Identity = options.Identity with { Name = null } }, table);
        return FailureReport.ReportCopies(
            table.End(await run.Engine.Checkpoints.RestoreCopiesAsync(source, copies, null, table, run.Cancellation)),
            run.Debug);
    }

    private ArchiveLimits Limits(Invocation run)
    {
        var limits = ArchiveLimits.Default;
        return limits with
        {
            MaxSize = run.Get(_maxSize) ?? limits.MaxSize,
            MaxEntries = run.Get(_maxEntries) ?? limits.MaxEntries,
            BytesPerEntry = run.Has(_maxEntries) ? 0 : limits.BytesPerEntry,
            MaxRatio = run.Get(_maxRatio) ?? limits.MaxRatio,
        };
    }

    private RestoreOptions Read(Invocation run)
    {
        if (_copies.Count(run) > 0 && run.Get(_tcpEstablished))
            throw new UsageException("--tcp-established cannot be used with --name");
        if (run.Get(_import) is null && Array.Find(_reading.OfArchives, run.Has) is { } option)
            throw new UsageException($"{option.Name} can only be used with --import");
        if (run.Get(_lazy) && run.Get(_noLazy))
            throw new UsageException("--lazy and --no-lazy cannot be used together");
        if (run.Get(_pod) is { } pod)
            throw new StasisException($"cannot restore into pod {pod}: Stasis has no pods")
            {
                Remedy = "leave out --pod, or restore it with podman container restore --pod",
            };
        if (run.Get(_tcpEstablished) && run.Get(_tcpClose))
            throw new StasisException("--tcp-established and --tcp-close cannot be used together");
        if (run.Get(_checkpoint) is not null && run.Get(_importPrevious) is not null)
            throw new StasisException("--import-previous can not be used with --checkpoint: what is in the store is complete");
        return _afterwards.Apply(run, new RestoreOptions
        {
            Network = Network(run),
            Identity = new RestoreIdentityOptions
            {
                Name = run.Get(_copies.Name) is [var name] ? name : null,
                Hostname = run.Get(_hostname),
            },
            Memory = new RestoreMemoryOptions { Lazy = run.Has(_lazy) ? run.Get(_lazy) : run.Get(_noLazy) ? false : null },
            Trust = _reading.Read(run) with { Allow = run.Get(_allow), Limits = Limits(run) },
            Runtime = run.Get(GlobalOptions.Runtime),
            Keep = run.Get(_keep),
            FileLocks = run.Get(_fileLocks),
            IgnoreProcessor = run.Get(_ignoreCpu),
            IgnoreRootfs = run.Get(_ignoreRootfs),
            IgnoreVolumes = run.Get(_ignoreVolumes),
            Volumes = Volumes(run.Get(_volume)),
        });
    }

    private RestoreNetworkOptions Network(Invocation run) => new()
    {
        TcpConnections = run.Get(_tcpEstablished) ? TcpConnectionHandling.Keep
            : run.Get(_tcpClose) ? TcpConnectionHandling.Close
            : TcpConnectionHandling.Refuse,
        IgnoreStaticIp = run.Get(_ignoreStaticIp),
        IgnoreStaticMac = run.Get(_ignoreStaticMac),
        Networks = run.Get(_network),
        Ip = run.Get(_ip),
        MacAddress = run.Get(_macAddress),
        Publish = run.Get(_publish),
    };

    internal static Dictionary<string, string> Volumes(string[] given)
    {
        var names = new Dictionary<string, string>();
        foreach (var pair in given)
        {
            if (pair.Split('=') is not [{ Length: > 0 } old, { Length: > 0 } name])
                throw new UsageException($"invalid value \"{pair}\" for --volume: it must be OLD=NEW");
            if (!names.TryAdd(old, name))
                throw new UsageException($"--volume names {old} twice");
        }
        return names;
    }
}
