using System.Text;
using System.Text.Json;
using Stasis.Engine;
using Stasis.Engine.Archive;
using Stasis.Engine.Checkpoints.Dump;
using Stasis.Engine.Checkpoints.Import;
using Stasis.Engine.Model;
using Stasis.Engine.RuntimeSpec;
using Stasis.Engine.Storage;
using Stasis.Linux.Files;
using Stasis.Linux.Mounts;
using Stasis.Linux.Processes;
using Xunit;

namespace Stasis.IntegrationTests.Checkpoints;

/// <summary>
/// Everything that a container can do to its root file system, done on a real overlay, written as a difference, and done again to a fresh
/// overlay of the same layers: both must be the same, name by name. Then that difference is a layer, on which a copy does more, which is
/// written as a difference again: what the original had done and the copy did must be in it.
/// </summary>
public sealed class RootfsDiffTests : IDisposable
{
    private const string ChainId = "sha256:1"; // of the upper one

    private readonly string _home = Directory.CreateDirectory($"/var/tmp/stasis-test-{Guid.NewGuid():N}").FullName;

    private Layout Layout => field ??= new Layout(At("root"), At("run"));

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private string[] Lowers => [At("lower2"), At("lower1")];

    [Fact]
    public Task Nothing_changed() => Check(":");

    [Fact]
    public Task Files_added_changed_and_deleted() => Check("""
        echo new >new; echo more >>a/file; rm a/gone; chmod 600 a/mode; chown 7:8 a/owner; touch -d 2001-02-03 a/time; : >a/emptied; truncate -s 5 a/cut
        mkdir -p n/e/w; echo deep >n/e/w/file; chmod 2711 n/e; chown 3:4 n/e/w; touch -d '2011-01-01 00:00:00.123456789' n/e/w n/e n
        rm from2; echo back >was-deleted-in-2
        """);

    [Fact]
    public Task Special_files() => Check("""
        ln -s a/file soft; ln -s /nowhere dangling; ln -sfn elsewhere link; mkfifo fifo; mknod null c 1 3; mknod disk b 8 0; rm old-fifo; mknod old-fifo c 5 1
        printf x >setuid; chown 9:9 setuid; chmod 6755 setuid; truncate -s 20M sparse; printf x | dd of=sparse bs=1 seek=9000000 conv=notrunc status=none
        python3 -c 'import socket; socket.socket(socket.AF_UNIX).bind("socket")'; rm socket
        """);

    [Fact]
    public Task Folders_and_files_change_places() => Check("""
        rm -r dir; echo file >dir; rm a/file; mkdir a/file; echo in >a/file/in; rm -r tree; ln -s a tree; rm link; mkdir link; echo in >link/in; rm old-fifo; mkdir old-fifo
        """);

    [Fact]
    public Task Folders_made_anew_hide_what_was_in_them() => Check("""
        rm -r dir; mkdir dir; echo only >dir/only; rm -r tree; mkdir -p tree/b; echo only >tree/b/only; mkdir -p tree/x; rm -r opaque-in-2; mkdir opaque-in-2
        """);

    [Fact]
    public Task Folders_made_anew_within_folders_made_anew() => Check("""
        rm -r tree; mkdir -p tree/b/c; echo same >tree/b/c/leaf; rm -r tree/b; mkdir tree/b; mkdir tree/b/c; echo other >tree/b/c/other
        """);

    [Fact]
    public Task Deleted_and_made_again() =>
        Check("rm a/file; echo again >a/file; rm -r dir; mkdir dir; rm -r dir; rm -r tree/b; mkdir tree/b; echo leaf >tree/b/leaf2; rm "
            + "a/gone; ln -s x a/gone");

    [Fact]
    public Task Renamed() =>
        Check("mv a/file a/renamed; mv a/gone gone; mv tree moved; mv dir dir2; mkdir dir; mv dir2 dir/inside; mv soft-in-1 soft2");

    [Fact]
    public Task Hard_links() =>
        Check("echo x >one; ln one two; mkdir h; ln one h/three; ln a/file a/linked; echo more >>a/linked; ln -P link link-again; echo "
            + "y >h/pair; ln h/pair h/pair2; rm one");

    [Fact]
    public Task Extended_attributes() => Check("""
        python3 - <<'END'
        import os
        os.setxattr("a/file", "user.binary", bytes(range(256)))
        os.setxattr("a", "user.on.folder", b"")
        os.setxattr("link", "trusted.on.link", b"x", follow_symlinks=False)
        os.removexattr("a/attribute", "user.old")
        open("big", "w").close()
        for i in range(5): os.setxattr("big", "user.n%d" % i, os.urandom(500))
        open("capable", "w").close()
        os.chmod("capable", 0o755)
        os.setxattr("capable", "security.capability", bytes.fromhex("0100000200200000000000000000000000000000"))
        os.setxattr("n", "user.x", b"1") if os.path.exists("n") else None
        END
        """);

    [Fact]
    public Task Odd_names() => Check("""
        long=$(printf 'n%.0s' $(seq 255)); echo x >$long; mkdir d; echo y >d/$long; mkdir "d/sp ace"; echo z >"d/sp ace/new
        line"; printf bytes >"$(printf 'd/latin\344')"; mkdir "$(printf '\377\376')"; echo in >"$(printf '\377\376/\300')"; ln -s "$(printf '\344')" d/bytes-link
        echo q >'d/"quotes" \and back'; : >d/.wh.not-a-whiteout; rm 'odd "name" \here'
        p=.; for i in $(seq 30); do p=$p/$(printf 'p%.0s' $(seq 100)); done; mkdir -p $p; echo deep >$p/file
        """);

    [Fact]
    public async Task Deleted_links_and_names_that_JSON_can_not_say_are_not_for_Podman()
    {
        await MakeLowers();
        MountOverlay("one");
        await Shell("""rm link soft-in-1 a/gone "$(printf 'bytes-\377')"; rm -r links; mkdir links""", At("one"));
        Write();
        MountOverlay("two");
        Apply();
        Assert.Equal(TreeListing.Of(At("one")), TreeListing.Of(At("two")));
        Assert.Equal(["/a/gone"],
            JsonSerializer.Deserialize<string[]>(await File.ReadAllTextAsync(At("checkpoint/deleted.files"), Token))!);
        Assert.Equal(["/bytes-\u00ff", "/link", "/links/one", "/soft-in-1"],
            (await File.ReadAllTextAsync(At("checkpoint/stasis.deleted"), Encoding.Latin1, Token))
                .Split('\0', StringSplitOptions.RemoveEmptyEntries)
                .Order(StringComparer.Ordinal));
    }

    [Fact]
    public Task The_root_itself() => Check("chmod 700 .; chown 5:6 .; touch -d '2012-12-12 12:12:12.12' .");

    [Fact]
    public async Task Files_beneath_mounts_stay_out()
    {
        await MakeLowers();
        MountOverlay("one");
        await Shell("mkdir data; echo beneath >data/beneath; echo seen >seen", At("one"));
        Write(new OciMount { Destination = "/data" });
        MountOverlay("two");
        Apply();
        Assert.Equal("seen\n", await File.ReadAllTextAsync(At("two/seen"), Token));
        Assert.False(File.Exists(At("two/data/beneath")));
    }

    /// <summary>
    /// The file system is as it would be found if the machine had gone down just after the layer was made: what isn't on its disk by then
    /// isn't there.
    /// </summary>
    [Theory]
    [InlineData(1)]
    [InlineData(300)] // more than are synced one by one
    public async Task A_layer_is_on_disk_when_it_is_made(int files)
    {
        var (disk, later) = (At("disk"), At("later"));
        await Shell($"truncate -s 64M {disk}; mkfs.ext4 -q {disk}; mkdir root copy; mount -o loop,commit=600 {disk} root", _home);
        await MakeLowers();
        MountOverlay("one");
        await Shell(
            $"for i in $(seq {files}); do echo $i >new-$i; done; rm -r dir; mkdir dir; rm link; ln a/file a/linked; chown 7:8 a/owner",
                At("one"));
        Write();
        var layer = await MakeLayerAsync(1);
        await Shell($"cp {disk} {later}; mount -o loop {later} copy", _home);

        var found = Path.Combine(At("copy"), Path.GetRelativePath(At("root"), layer));
        Assert.Equal(TreeListing.Of(layer), TreeListing.Of(found));
        Assert.Equal("a/file\0a/linked",
            string.Join('\0', JsonSerializer.Deserialize<string[]>(await File.ReadAllTextAsync(found + ".own", Token))!.SkipLast(1)));
    }

    public void Dispose()
    {
        foreach (var name in (string[])["one", "two", "copy", "again", "root"])
            Mount.Unmount(At(name));
        FileTree.Remove(_home);
    }

    private async Task Check(string changes)
    {
        await MakeLowers();
        MountOverlay("one");
        await Shell(changes, At("one"));
        Write();
        MountOverlay("two");
        Apply();
        Assert.Equal(TreeListing.Of(At("one")), TreeListing.Of(At("two")));
        for (var seed = 1; seed <= 3; seed++)
            await CheckCopyAsync(seed);
    }

    // The original and a copy of it, whose layer is what was just written, do the same; the difference between the image and the copy makes
    // of the image what the original is.
    private async Task CheckCopyAsync(int seed)
    {
        var layer = await MakeLayerAsync(seed);
        MountOverlay("copy", [layer, .. Lowers]);
        CheckpointLayer.CopyUpUnshareable(Layout.CheckpointLayerOwn(Id(seed), ChainId), At("copy"));
        Assert.Equal(TreeListing.Of(At("one"), withRoot: false), TreeListing.Of(At("copy"), withRoot: false));

        foreach (var tree in (string[])["one", "copy"])
            await Shell($"python3 {Path.Combine(AppContext.BaseDirectory, "Checkpoints", "torture.py")} {seed}", At(tree));
        Assert.Equal(TreeListing.Of(At("one"), withRoot: false), TreeListing.Of(At("copy"), withRoot: false));

        FileTree.Remove(At("checkpoint"));
        Write([At("copy.upper"), layer]);
        MountOverlay("again", Lowers);
        Apply("again");
        Assert.Equal(TreeListing.Of(At("copy")), TreeListing.Of(At("again")));
        Mount.Unmount(At("copy"));
        Mount.Unmount(At("again"));
        foreach (var left in (string[])["copy.upper", "copy.work", "again.upper", "again.work"])
            FileTree.Remove(At(left));
        // On to the next: what the original is now is what the next layer holds.
        FileTree.Remove(At("checkpoint"));
        Write([At("one.upper")]);
    }

    private async Task<string> MakeLayerAsync(int seed)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(Layout.Checkpoint(Id(seed)))!);
        await Shell($"cp -a {At("checkpoint")} {Layout.Checkpoint(Id(seed))}", _home);
        using var engine = new StasisEngine(new EngineOptions { Root = Layout.Root, RunRoot = Layout.RunRoot });
        Directory.CreateDirectory(Layout.Layers);
        var chain = Lowers.Reverse().Select((lower, i) => (Folder: lower, ChainId: $"sha256:{i}")).ToList();
        foreach (var (folder, chainId) in chain.Where(layer => !Path.Exists(Layout.Layer(layer.ChainId))))
            File.CreateSymbolicLink(Layout.Layer(chainId), folder);
        Assert.True(await CheckpointLayer.EnsureAsync(engine, Id(seed), [.. chain.Select(layer => layer.ChainId)], "test", Token));
        return Layout.CheckpointLayer(Id(seed), ChainId);
    }

    /// <summary>Two layers; the upper one deletes and replaces things of the lower one.</summary>
    private async Task MakeLowers()
    {
        Directory.CreateDirectory(At("lower1"));
        await Shell(
            """
            mkdir -p a dir tree/b/c opaque-in-2/sub; for f in file gone mode owner time emptied cut attribute; do echo $f >a/$f; done
            echo x >dir/one; echo y >dir/two; echo leaf >tree/b/c/leaf; echo top >tree/top; ln -s a link; ln -s a/file soft-in-1; mkfifo old-fifo; echo old >opaque-in-2/sub/old; echo w >was-deleted-in-2
            echo bytes >"$(printf 'bytes-\377')"; mkdir links; ln -s /nowhere links/one; echo odd >'odd "name" \here'; python3 -c 'import os; os.setxattr("a/attribute", "user.old", b"old"); os.setxattr("dir", "user.lower", b"l")'
            find . -exec touch -h -d '2000-01-01 00:00:00.5' {} +
            """,
            At("lower1"));
        Directory.CreateDirectory(At("lower2"));
        await Shell(
            "mkdir opaque-in-2; echo new >opaque-in-2/new; echo two >from2; mknod was-deleted-in-2 c 0 0; mkdir -p tree/b; echo second "
                + ">tree/b/second; chmod 750 tree", At("lower2"));
        Xattrs.Set(At("lower2/opaque-in-2"), Overlay.OpaqueXattr, "y"u8);
    }

    private void MountOverlay(string name) => MountOverlay(name, Lowers);

    private void MountOverlay(string name, IReadOnlyList<string> lowers)
    {
        foreach (var folder in new[] { name, name + ".upper", name + ".work" })
            Directory.CreateDirectory(At(folder));
        Overlay.Make(At(name), lowers, At(name + ".upper"), At(name + ".work"));
    }

    private void Write(params OciMount[] mounts) => Write([At("one.upper")], mounts);

    private void Write(IReadOnlyList<string> changed, params OciMount[] mounts)
    {
        var config = new ContainerConfig { Id = new string('0', 64), Name = "test" };
        var container = new Container(config, new OciSpec { Mounts = mounts }, new ContainerState());
        RootfsDiff.Write(container, changed, Lowers, new CheckpointEntryPaths(Directory.CreateDirectory(At("checkpoint")).FullName), Token);
    }

    private void Apply(string name = "two") => RootfsDiff.Apply(new CheckpointEntryPaths(At("checkpoint")), At(name), "test", Token);

    private string At(string path) => Path.Combine(_home, path);

    private static string Id(int seed) => new((char)('0' + seed), 64);

    private static async Task Shell(string script, string directory)
    {
        var result = await Spawn.RunAsync(new SpawnOptions { Program = "bash", Arguments = ["-ec", script], WorkingDirectory = directory },
            null, Token);
        Assert.Equal((0, ""), (result.ExitCode, result.Error));
    }
}
