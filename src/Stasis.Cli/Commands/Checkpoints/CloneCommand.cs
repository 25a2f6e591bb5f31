using System.CommandLine;
using Stasis.Cli.Output.Tables;
using Stasis.Cli.Parsing;
using Stasis.Cli.Verbs;
using Stasis.Engine.Checkpoints;
using Stasis.Engine.Model;

namespace Stasis.Cli.Commands.Checkpoints;

internal sealed class CloneCommand : Verb
{
    private readonly CopyNamingOptions _names = new();
    private readonly PostRestoreActionOptions _actions = new();
    private readonly Option<bool> _leaveRunning = OptionFactory.Flag(
        "--leave-running",
        "-R",
        "Leave the original running (default); --leave-running=false leaves it checkpointed in place");
    private readonly Option<bool> _fileLocks =
        OptionFactory.Flag("--file-locks", null, "Accepted: file locks are always kept");
    private readonly Option<bool> _ignoreVolumes =
        OptionFactory.Flag("--ignore-volumes", null, "Use the volumes of the original in the copies");
    private readonly Option<string[]> _volume = OptionFactory.Many(
        "--volume",
        null,
        "OLD=NEW",
        "Copy volume OLD to a new volume NEW; {n} is the number of the copy, {name} its name");
    private readonly Option<string[]> _network =
        OptionFactory.Many("--network", null, "NETWORK", "Network instead of those of the original, as for run").WithAliases("--net");
    private readonly Option<string[]> _publish = OptionFactory.Many(
        "--publish",
        "-p",
        "[[IP:][HOSTPORT]:]PORT[/PROTOCOL]",
        "Publish a port of the copy; ports of the original are not published again");
    private readonly Option<string?> _hostname = OptionFactory.Text(
        "--hostname",
        null,
        "NAME",
        "Hostname; {n} is the number of the copy, {name} its name (default: name of the copy)");
    private readonly Option<bool> _quiet = OptionFactory.Flag("--quiet", "-q", "Print IDs only");
    private readonly Argument<string[]> _container;

    public CloneCommand() : base("clone", "Start copies of a running container")
    {
        AddOptions(
            [.. _names.All, .. _actions.All, _fileLocks, _hostname, _ignoreVolumes, _leaveRunning, _network, _publish, _quiet, _volume]);
        _container = AddArgument("CONTAINER", ArgumentArity.ExactlyOne);
    }

    public override string Details =>
        "Checkpoints the container into the checkpoint store, leaves it running, and restores copies from there, as many at a time as " +
        "there are processors. Each copy has its own name, ID, hostname and address. Established TCP connections are closed in the " +
        "copies; ports are published only with --publish. If a copy fails, all copies are undone, unless --keep-going is given. A " +
        "program can tell that it is a copy from /run/.stasis/identity.json: name, ID, hostname, generation, number and time of the " +
        "copy, and the values of --env. A container that is checkpointed in place is cloned from that checkpoint. Copies share random " +
        "state with the original: tell programs to reseed where that matters (--signal, --exec).";

    public override IReadOnlyList<(string, string)> Examples =>
    [
        ("stasis clone web --name web-test", "Start a copy."),
        ("stasis clone web --replicas 8 --name-template 'web-{n}' --exec 'kill -HUP 1'", "Start eight copies, and send a signal in each."),
        ("stasis clone db --name db2 --volume data=data2", "Start a copy with a copy of its volume."),
    ];

    public override bool CanApplyTo(Container container) =>
        container.State is { Status: ContainerStatus.Running } or { Checkpointed: true, IsAlive: false };

    public override async Task<int> RunAsync(Invocation run)
    {
        var original = run.Engine.Containers.Get(run.Get(_container)[0]);
        var count = _names.Count(run);
        if (count == 0)
            throw new UsageException("name the copies: --name NAME, or --replicas N");
        if (count > 1 && run.Get(_publish).Length > 0)
            throw new UsageException("--publish can only be used with one copy");
        var checkpoint = new CheckpointOptions
        {
            LeaveRunning = !run.Has(_leaveRunning) || run.Get(_leaveRunning),
            IgnoreVolumes = run.Get(_ignoreVolumes),
        };
        var restore = _actions.Apply(run, new RestoreOptions
        {
            Runtime = run.Get(GlobalOptions.Runtime),
            FileLocks = run.Get(_fileLocks),
            IgnoreVolumes = run.Get(_ignoreVolumes),
            Volumes = RestoreCommand.Volumes(run.Get(_volume)),
            Network = new RestoreNetworkOptions { Networks = run.Get(_network), Publish = run.Get(_publish) },
            Identity = new RestoreIdentityOptions { Hostname = run.Get(_hostname) },
        });
        var table = new CopiesTable(run.Get(_quiet), run.Get(_names.KeepGoing));
        var copies = _names.Copies(run, restore, table);
        return FailureReport.ReportCopies(
            table.End(await run.Engine.Checkpoints.CloneAsync(original.Id, checkpoint, copies, null, table, run.Cancellation)),
            run.Debug);
    }
}
