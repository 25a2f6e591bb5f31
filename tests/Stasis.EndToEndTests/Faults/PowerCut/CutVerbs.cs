using Xunit;

namespace Stasis.EndToEndTests.Faults.PowerCut;

/// <summary>Every command that changes something, on a machine whose disk <see cref="MakeDiskAsync"/> has made.</summary>
public static class CutVerbs
{
    private const string Sleep = "trap exit TERM; while :; do sleep 0.1; done";

    // Files that the file system writes when it likes, unless it is told to.
    private const string Fill = "for i in 1 2 3 4 5; do yes $i | head -c 200000 >$F/$i; done";
    private const string Sum = "cat $F/1 $F/2 $F/3 $F/4 $F/5 | md5sum";
    private const string Filled = "bc52a0f76c3bc93386c26623db506427";

    private static readonly (string[] List, string[] Remove)[] Removals =
    [
        (["ps", "-aq"], ["rm", "-f", "-t", "0"]),
        (["volume", "ls", "-q"], ["volume", "rm"]),
        (["checkpoint", "ls", "-q"], ["checkpoint", "rm"]),
        (["images", "-q"], ["rmi", "-f"]),
    ];

    private static readonly (string Name, Func<Machine, CutVerb> Make)[] All =
    [
        ("run", _ => Container("new", "run", "-d", "--name", "new", "busybox", "sh", "-c", Sleep)),
        ("create", _ => Container("new", "create", "--name", "new", "busybox", "sh", "-c", Sleep)),
        ("run with a volume", _ => Container("new", "run", "-d", "--name", "new", "-v", "fresh:/fresh", "busybox", "sh", "-c", Sleep) with
        {
            Done = async machine =>
            {
                await StartsAsync(machine, "new");
                Assert.True(await machine.HasAsync("volume", "inspect", "fresh"));
            },
        }),
        ("rename", _ => new CutVerb("rename", "old", "renamed")
        {
            IsDone = machine => machine.HasAsync("container", "inspect", "renamed"),
            Done = machine => StartsAsync(machine, "renamed"),
        }),
        ("rm", _ => new CutVerb("rm", "old")
        {
            IsDone = async machine => !await machine.HasAsync("container", "inspect", "old"),
            NotDone = machine => StartsAsync(machine, "old"),
        }),
        ("stop", _ => new CutVerb("stop", "old")
        {
            Prepare = machine => machine.OkAsync("start", "old"),
            IsDone = async machine =>
            {
                Assert.Equal("exited", await machine.OkAsync("inspect", "--format", "{{.State.Status}}", "old"));
                return await machine.OkAsync("inspect", "--format", "{{.State.ExitCode}}", "old") != "255";
            },
            Done = machine => StartsAsync(machine, "old"),
        }),
        ("checkpoint -e", machine => new CutVerb("checkpoint", "-e", machine.PathOf("old.tar.zst"), "old")
        {
            Prepare = machine => machine.OkAsync("start", "old"),
            IsDone = async machine => await machine.ShellAsync("ls") is var files && files.Split('\n').Contains("old.tar.zst"),
            Done = async machine =>
            {
                await machine.OkAsync("restore", "-i", machine.PathOf("old.tar.zst"), "--name", "again");
                await StartsAsync(machine, "old");
            },
        }),
        ("checkpoint in place", _ => new CutVerb("checkpoint", "old")
        {
            Prepare = machine => machine.OkAsync("start", "old"),
            IsDone = async machine => await machine.OkAsync("inspect", "--format", "{{.State.Checkpointed}}", "old") == "true",
            Done = machine => machine.OkAsync("restore", "old"),
            NotDone = machine => StartsAsync(machine, "old"),
        }),
        ("restore in place", _ => new CutVerb("restore", "old")
        {
            Prepare = async machine =>
            {
                await machine.OkAsync("start", "old");
                await machine.OkAsync("checkpoint", "old");
            },
            IsDone = async machine => await machine.OkAsync("inspect", "--format", "{{.State.Checkpointed}}", "old") == "false",
            Done = machine => StartsAsync(machine, "old"),
            NotDone = machine => machine.OkAsync("restore", "old"),
        }),
        ("restore -i", machine => Restored("counting", "restore", "-i", machine.PathOf("a.tar.zst"))),
        ("restore -i --name", machine => Restored("other", "restore", "-i", machine.PathOf("a.tar.zst"), "--name", "other")),
        ("clone", _ => Restored("copy", "clone", "--name", "copy", "--volume", "data=copied", "counting") with
        {
            Prepare = machine => machine.OkAsync("restore", "-i", machine.PathOf("a.tar.zst")),
            NotDone = async machine =>
            {
                await machine.OkAsync("start", "counting");
                await machine.OkAsync("clone", "--name", "copy", "--volume", "data=copied", "counting");
            },
        }),
        ("volume create", _ => new CutVerb("volume", "create", "fresh")
        {
            IsDone = machine => machine.HasAsync("volume", "inspect", "fresh"),
            Done = machine => machine.OkAsync("run", "--rm", "-v", "fresh:/fresh", "busybox", "touch", "/fresh/file"),
        }),
        ("volume import", machine => new CutVerb("volume", "import", "empty", machine.PathOf("filled.tar"))
        {
            IsDone = async machine => await SumAsync(machine, "empty") == Filled,
        }),
        ("volume rm", _ => new CutVerb("volume", "rm", "filled")
        {
            IsDone = async machine => !await machine.HasAsync("volume", "inspect", "filled"),
            NotDone = async machine => Assert.Equal(Filled, await SumAsync(machine, "filled")),
        }),
        ("network create", _ => new CutVerb("network", "create", "fresh") { IsDone = machine => HasNetworkAsync(machine, "fresh") }),
        ("network rm", _ => new CutVerb("network", "rm", "net") { IsDone = async machine => !await HasNetworkAsync(machine, "net") }),
        ("image import", machine => Image("fresh", "image", "import", machine.PathOf("busybox.tar"), "fresh")),
        ("load", machine => Image("loaded", "load", "-i", machine.PathOf("loaded.tar"))),
        ("rmi", _ => new CutVerb("rmi", "unused")
        {
            IsDone = async machine => !await machine.HasAsync("image", "inspect", "unused"),
            NotDone = machine => machine.OkAsync("run", "--rm", "unused", "true"),
        }),
        ("checkpoint import", machine => Checkpoint("fresh", "checkpoint", "import", machine.PathOf("a.tar.zst"), "fresh")),
        ("checkpoint tag", _ => Checkpoint("another", "checkpoint", "tag", "kept", "another")),
        ("checkpoint rm", _ => new CutVerb("checkpoint", "rm", "kept")
        {
            IsDone = async machine => !await machine.HasAsync("checkpoint", "inspect", "kept"),
            NotDone = machine => machine.OkAsync("restore", "--checkpoint", "kept", "--name", "again"),
        }),
    ];

    /// <summary>The names of all.</summary>
    public static IEnumerable<string> Names => All.Select(verb => verb.Name);

    /// <summary>One of them, on a machine.</summary>
    public static CutVerb Make(string name, Machine machine) => All.Single(verb => verb.Name == name).Make(machine);

    /// <summary>
    /// Makes what the verbs work on: images "busybox" and "unused", a container "old", volumes "filled" and "empty", a network, an archive
    /// of a container "counting" with a volume, another checkpoint in the store, and files to import.
    /// </summary>
    public static async Task MakeDiskAsync(Machine machine, string busybox)
    {
        await machine.ShellAsync($"cp {busybox} busybox.tar");
        await machine.OkAsync("image", "import", machine.PathOf("busybox.tar"), "busybox");
        await machine.ShellAsync("mkdir extra && echo extra >extra/extra && cp busybox.tar unused.tar && tar -rf unused.tar extra");
        await machine.OkAsync("image", "import", machine.PathOf("unused.tar"), "unused");
        await machine.ShellAsync("echo more >extra/extra && cp busybox.tar more.tar && tar -rf more.tar extra");
        await machine.OkAsync("image", "import", machine.PathOf("more.tar"), "loaded");
        await machine.OkAsync("save", "-o", machine.PathOf("loaded.tar"), "loaded");
        await machine.OkAsync("rmi", "loaded");
        await machine.OkAsync("create", "--name", "old", "busybox", "sh", "-c", Sleep);
        await machine.ShellAsync($"mkdir files && F=files && {Fill} && tar -C files -cf filled.tar .");
        Assert.Equal(Filled, (await machine.ShellAsync($"F=files && {Sum}")).Split(' ')[0]);
        await machine.OkAsync("volume", "create", "empty");
        await machine.OkAsync("volume", "create", "filled");
        await machine.OkAsync("volume", "import", "filled", machine.PathOf("filled.tar"));
        await machine.OkAsync("network", "create", "net");
        await machine.OkAsync("run", "-d", "--name", "kept", "busybox", "sh", "-c", Sleep);
        await machine.OkAsync("checkpoint", "-e", machine.PathOf("b.tar.zst"), "kept");
        await machine.OkAsync("rm", "kept");
        await machine.OkAsync("checkpoint", "import", machine.PathOf("b.tar.zst"), "kept");
        await machine.OkAsync(
            "run",
            "-d",
            "--name",
            "counting",
            "-v",
            "data:/data",
            "busybox",
            "sh",
            "-c",
            $"if mkdir /own; then F=/data; {Fill}; F=/own; {Fill}; touch /own/done; fi; {Sleep}");
        await machine.ShellAsync($"while ! [ -e {machine.Root}/containers/*/upper/own/done ]; do sleep 0.1; done");
        await machine.OkAsync("checkpoint", "-e", machine.PathOf("a.tar.zst"), "counting");
        await machine.OkAsync("rm", "counting");
        await machine.OkAsync("volume", "rm", "data");
    }

    /// <summary>Removes all that there is, with commands, and requires that they leave nothing.</summary>
    public static async Task RemoveAllAsync(Machine machine)
    {
        foreach (var (list, remove) in Removals)
        {
            var there = (await machine.OkAsync(list)).Split('\n', StringSplitOptions.RemoveEmptyEntries);
            if (there.Length > 0)
                await machine.OkAsync([.. remove, .. there.Distinct()]);
        }
        var left = await machine.ShellAsync(
            $"cd {machine.Root} && for folder in containers volumes checkpoints layers staging; do ls -d $folder/* 2>/dev/null; done; :");
        Assert.Equal("", left);
    }

    private static CutVerb Container(string name, params string[] command) => new(command)
    {
        IsDone = machine => machine.HasAsync("container", "inspect", name),
        Done = machine => StartsAsync(machine, name),
    };

    private static CutVerb Restored(string name, params string[] command) => new(command)
    {
        IsDone = machine => machine.HasAsync("container", "inspect", name),
        Done = async machine =>
        {
            // Its files are what they were, though it has lost its memory.
            await machine.OkAsync("start", name);
            foreach (var folder in (string[])["/data", "/own"])
                Assert.Equal(Filled, (await machine.OkAsync("exec", name, "sh", "-c", $"F={folder}; {Sum}")).Split(' ')[0]);
            await machine.OkAsync("stop", "-t", "0", name);
        },
    };

    private static CutVerb Image(string name, params string[] command) => new(command)
    {
        IsDone = machine => machine.HasAsync("image", "inspect", name),
        Done = machine => machine.OkAsync("run", "--rm", name, "true"),
    };

    private static CutVerb Checkpoint(string tag, params string[] command) => new(command)
    {
        IsDone = machine => machine.HasAsync("checkpoint", "inspect", tag),
        Done = machine => machine.OkAsync("restore", "--checkpoint", tag, "--name", "again"),
    };

    private static async Task StartsAsync(Machine machine, string name)
    {
        await machine.OkAsync("start", name);
        Assert.Equal("running", await machine.OkAsync("inspect", "--format", "{{.State.Status}}", name));
        await machine.OkAsync("stop", "-t", "0", name);
    }

    private static async Task<string> SumAsync(Machine machine, string volume) =>
        (await machine.OkAsync("run", "--rm", "-v", $"{volume}:/v", "busybox", "sh", "-c", $"F=/v; {Sum} 2>/dev/null")).Split(' ')[0];

    private static async Task<bool> HasNetworkAsync(Machine machine, string name) =>
        (await machine.OkAsync("network", "ls", "-q")).Split('\n').Contains(name);
}
