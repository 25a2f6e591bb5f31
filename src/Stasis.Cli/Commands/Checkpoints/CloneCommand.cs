using System.CommandLine;
using Stasis.Cli.Output.Tables;
using Stasis.Cli.Parsing;
using Stasis.Cli.Verbs;
using Stasis.Engine.Checkpoints;
using Stasis.Engine.Model;

namespace Stasis.Cli.Commands.Checkpoints;

internal sealed class CloneCommand : Verb
{
    private readonly CopyNames _names = new();
    private readonly CopyPostRestoreActions _afterwards = new();
    private readonly Option<bool> _leaveRunning = OptionFactory.Flag("--leave-running", "-R", "Let the original run on; so it is unless --leave-running=false, which leaves it checkpointed in place");
    private readonly Option<bool> _fileLocks = OptionFactory.Flag("--file-locks", null, "Allow file locks, and have them in the copies too");
    private readonly Option<bool> _ignoreVolumes = OptionFactory.Flag("--ignore-volumes", null, "Let the copies use the original's volumes");
    private readonly Option<string[]> _volume = OptionFactory.Many("--volume", null, "OLD=NEW", "Make the copy's volume OLD as a new volume NEW, with {n} for the copy's number or {name} for its name");
    private readonly Option<string[]> _network = OptionFactory.Many("--network", null, "NETWORK", "Network in place of those of the original, as for run").Also("--net");
    private readonly Option<string[]> _publish = OptionFactory.Many("--publish", "-p", "[[IP:][HOSTPORT]:]PORT[/PROTOCOL]", "Ports to publish; those of the original stay its own");
    private readonly Option<string?> _hostname = OptionFactory.Text("--hostname", null, "NAME", "Hostname, with {n} for the copy's number or {name} for its name; the copy's name if not given");
    private readonly Option<bool> _quiet = OptionFactory.Flag("--quiet", "-q", "Print IDs alone");
    private readonly Argument<string[]> _container;

    public CloneCommand() : base("clone", "Start copies of a running container")
    {
        Take([.. _names.All, .. _afterwards.All, _fileLocks, _hostname, _ignoreVolumes, _leaveRunning, _network, _publish, _quiet, _volume]);
        _container = Takes("CONTAINER", ArgumentArity.ExactlyOne);
    }

    public override string Details =>
        "The container is frozen once, into the checkpoint store, and runs on; the copies begin where it was at that instant, as many at a time as there are processors. Each has a name, ID, hostname " +
        "and address of its own; established TCP connections are closed in the copies, and ports are not published unless --publish says so. If a copy fails all of them are undone, unless " +
        "--keep-going. What a program needs to notice that it is a copy is in /run/.stasis/identity.json: name, ID, hostname, generation, number and time of the copy, and what --env says. " +
        "A container that is checkpointed in place is not frozen again. Copies share random state with the original: have programs reseed where that matters (--signal, --exec).";

    public override IReadOnlyList<(string, string)> Examples =>
    [
        ("stasis clone web --name web-test", "Start a copy."),
        ("stasis clone web --replicas 8 --name-template 'web-{n}' --exec 'kill -HUP 1'", "Start eight, and tell each."),
        ("stasis clone db --name db2 --volume data=data2", "Start a copy with a copy of its volume."),
    ];

    public override bool CanApplyTo(Container container) => container.State is { Status: ContainerStatus.Running } or { Checkpointed: true, IsAlive: false };

    public override async Task<int> RunAsync(Invocation run)
    {
        var original = run.Engine.Containers.Get(run.Get(_container)[0]);
        var count = _names.Count(run);
        if (count == 0)
            throw new UsageException("say how the copies are to be called: --name NAME, or --replicas N");
        if (count > 1 && run.Get(_publish).Length > 0)
            throw new UsageException("--publish can only be used with one copy");
        var freeze = new CheckpointOptions
        {
            LeaveRunning = !run.Has(_leaveRunning) || run.Get(_leaveRunning),
            FileLocks = run.Get(_fileLocks),
            IgnoreVolumes = run.Get(_ignoreVolumes),
        };
        var restore = _afterwards.Apply(run, new RestoreOptions
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
        return FailureReport.ReportCopies(table.End(await run.Engine.Checkpoints.CloneAsync(original.Id, freeze, copies, null, table, run.Cancellation)), run.Debug);
    }
}
