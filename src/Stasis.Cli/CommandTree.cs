using System.CommandLine;
using Stasis.Cli.Commands.Archives;
using Stasis.Cli.Commands.Checkpoints;
using Stasis.Cli.Commands.Containers;
using Stasis.Cli.Commands.Host;
using Stasis.Cli.Commands.Images;
using Stasis.Cli.Commands.Networks;
using Stasis.Cli.Commands.Volumes;
using Stasis.Cli.Verbs;

namespace Stasis.Cli;

/// <summary>The tree of all commands.</summary>
internal static class CommandTree
{
    // Commands both at top level and under "container", as in Podman; checkpoint, restore and clone too.
    private static readonly (string Name, Func<Command> Make)[] OnContainers =
    [
        ("attach", () => new AttachCommand()),
        ("checkpoint", () => new CheckpointCommand()),
        ("clone", () => new CloneCommand()),
        ("create", () => new CreateCommand()),
        ("diff", () => new DiffCommand()),
        ("exec", () => new ExecCommand()),
        ("inspect", () => new InspectCommand()),
        ("kill", () => new KillCommand()),
        ("logs", () => new LogsCommand()),
        ("pause", () => new PauseCommand()),
        ("port", () => new PortCommand()),
        ("ps", () => new PsCommand("ps")),
        ("rename", () => new RenameCommand()),
        ("restore", () => new RestoreCommand()),
        ("restart", () => new RestartCommand()),
        ("rm", () => new RmCommand()),
        ("run", () => new RunCommand()),
        ("start", () => new StartCommand()),
        ("stop", () => new StopCommand()),
        ("top", () => new TopCommand()),
        ("unpause", () => new UnpauseCommand()),
        ("wait", () => new WaitCommand()),
    ];

    private static readonly (string Name, Func<Command> Make)[] UnderContainer =
    [
        .. OnContainers,
        ("cleanup", () => new CleanupCommand()),
        ("exists", () => new ContainerExistsCommand()),
        ("list", () => new PsCommand("list")),
        ("ls", () => new PsCommand("ls")),
        ("prune", () => new ContainerPruneCommand()),
    ];

    private static readonly (string Name, Func<Command> Make)[] UnderImage =
    [
        ("exists", () => new ImageExistsCommand()),
        ("import", () => new ImportCommand()),
        ("inspect", () => new ImageInspectCommand()),
        ("list", () => new ImagesCommand("list")),
        ("load", () => new LoadCommand()),
        ("ls", () => new ImagesCommand("ls")),
        ("prune", () => new ImagePruneCommand()),
        ("pull", () => new PullCommand()),
        ("push", () => new PushCommand()),
        ("rm", () => new RmiCommand("rm")),
        ("save", () => new SaveCommand()),
        ("tag", () => new TagCommand()),
    ];

    private static readonly (string Name, Func<Command> Make)[] UnderArchive =
    [
        ("push", () => new ArchivePushCommand()),
        ("sign", () => new ArchiveSignCommand()),
        ("verify", () => new ArchiveVerifyCommand()),
    ];

    private static readonly (string Name, Func<Command> Make)[] UnderVolume =
    [
        ("create", () => new VolumeCreateCommand()),
        ("exists", () => new VolumeExistsCommand()),
        ("export", () => new VolumeExportCommand()),
        ("import", () => new VolumeImportCommand()),
        ("inspect", () => new VolumeInspectCommand()),
        ("list", () => new VolumeLsCommand("list")),
        ("ls", () => new VolumeLsCommand("ls")),
        ("prune", () => new VolumePruneCommand()),
        ("rm", () => new VolumeRmCommand()),
    ];

    private static readonly (string Name, Func<Command> Make)[] UnderCheckpoint =
    [
        ("export", () => new CheckpointExportCommand()),
        ("import", () => new CheckpointImportCommand()),
        ("inspect", () => new CheckpointInspectCommand()),
        ("list", () => new CheckpointLsCommand("list")),
        ("ls", () => new CheckpointLsCommand("ls")),
        ("prune", () => new CheckpointPruneCommand()),
        ("rm", () => new CheckpointRmCommand()),
        ("tag", () => new CheckpointTagCommand()),
        ("untag", () => new CheckpointUntagCommand()),
    ];

    private static readonly (string Name, Func<Command> Make)[] UnderNetwork =
    [
        ("create", () => new NetworkCreateCommand()),
        ("exists", () => new NetworkExistsCommand()),
        ("inspect", () => new NetworkInspectCommand()),
        ("ls", () => new NetworkLsCommand("ls")),
        ("list", () => new NetworkLsCommand("list")),
        ("prune", () => new NetworkPruneCommand()),
        ("rm", () => new NetworkRmCommand()),
    ];

    private static (string Name, Func<Command> Make)[] Top(IReadOnlyCollection<string> words) =>
    [
        .. OnContainers.Where(entry => entry.Name != "checkpoint"),
        ("archive", () => Group("archive", "Verify, sign and push archives", UnderArchive, words)),
        ("checkpoint", () => With(new CheckpointCommand(), UnderCheckpoint, words)),
        ("complete", () => new CompleteCommand()),
        ("completion", () => new CompletionCommand()),
        ("container", () => Group("container", "Manage containers", UnderContainer, words)),
        ("doctor", () => new DoctorCommand()),
        ("help", () => new HelpCommand()),
        ("image", () => Group("image", "Manage images", UnderImage, words)),
        ("images", () => new ImagesCommand("images")),
        ("import", () => new ImportCommand()),
        ("info", () => new InfoCommand()),
        ("load", () => new LoadCommand()),
        ("login", () => new LoginCommand()),
        ("logout", () => new LogoutCommand()),
        ("man", () => new ManCommand()),
        ("network", () => Group("network", "Manage networks", UnderNetwork, words)),
        ("page-server", () => new PageServerCommand()),
        ("pull", () => new PullCommand()),
        ("push", () => new PushCommand()),
        ("rmi", () => new RmiCommand("rmi")),
        ("save", () => new SaveCommand()),
        ("tag", () => new TagCommand()),
        ("version", () => new VersionCommand()),
        ("volume", () => Group("volume", "Manage volumes", UnderVolume, words)),
    ];

    /// <summary>Builds the tree of all commands.</summary>
    public static Command Build() => Build([]);

    /// <summary>
    /// Builds the part of the tree that a command line can mean: commands whose names are among its words, or all if none is. Building
    /// all takes longer than everything else that a short command does.
    /// </summary>
    public static Command Build(IReadOnlyCollection<string> words)
    {
        var root = Group("stasis", "Checkpoint running containers into archives, and restore them", Top(words), words);
        foreach (var option in GlobalOptions.All)
        {
            option.Recursive = true;
            root.Options.Add(option);
        }
        return root;
    }

    private static Command Group(
        string name,
        string description,
        (string Name, Func<Command> Make)[] entries,
        IReadOnlyCollection<string> words) =>
        With(new Command(name, description), entries, words);

    private static Command With(Command group, (string Name, Func<Command> Make)[] entries, IReadOnlyCollection<string> words)
    {
        var named = Array.FindAll(entries, entry => words.Contains(entry.Name));
        // The action is never run. Without one, the parser demands a subcommand.
        if (group is Verb)
            group.SetAction(_ => 0);
        foreach (var (_, make) in named.Length > 0 ? named : entries)
            group.Subcommands.Add(make());
        return group;
    }
}
