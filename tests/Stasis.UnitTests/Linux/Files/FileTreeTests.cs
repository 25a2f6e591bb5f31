using Stasis.Linux;
using Stasis.Linux.Files;
using Stasis.Linux.Processes;
using Xunit;

namespace Stasis.UnitTests.Linux.Files;

public sealed class FileTreeTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory().FullName;

    [Fact]
    public void Remove_deletes_a_tree_but_not_the_targets_of_its_links()
    {
        var tree = Path.Combine(_directory, "tree");
        var outside = Path.Combine(_directory, "outside");
        Directory.CreateDirectory(Path.Combine(tree, "a", "b"));
        Directory.CreateDirectory(outside);
        File.Create(Path.Combine(outside, "kept")).Dispose();
        File.CreateSymbolicLink(Path.Combine(tree, "a", "link"), outside);
        File.Create(Path.Combine(tree, "a", "b", "file")).Dispose();
        FileTree.Remove(tree);
        Assert.False(Path.Exists(tree));
        Assert.True(File.Exists(Path.Combine(outside, "kept")));
        FileTree.Remove(tree); // and again: nothing
    }

    [Fact]
    public void Remove_deletes_a_link_but_not_its_target()
    {
        var link = Path.Combine(_directory, "link");
        Directory.CreateDirectory(Path.Combine(_directory, "target"));
        File.CreateSymbolicLink(link, "target");
        FileTree.Remove(link);
        Assert.True(Directory.Exists(Path.Combine(_directory, "target")));
        Assert.Null(new FileInfo(link).LinkTarget);
    }

    [Fact]
    public async Task Remove_deletes_a_tree_deeper_than_any_path()
    {
        var tree = Path.Combine(_directory, "deep");
        Directory.CreateDirectory(tree);
        var levels = string.Join('/', Enumerable.Repeat("a-name-of-20-letters", 100));
        var script = $"for i in 1 2 3; do mkdir -p {levels}; cd -P {levels}; : >f; done";
        var options = new SpawnOptions { Program = "sh", Arguments = ["-c", script], WorkingDirectory = tree };
        await Spawn.RunAsync(options, null, TestContext.Current.CancellationToken);
        FileTree.Remove(tree);
        Assert.False(Path.Exists(tree));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Sync_accepts_every_type_of_file(bool any)
    {
        const string Script = """echo x >a; mkdir -p d/e; echo x >"$(printf 'd/e/\377')"; mkfifo d/fifo; ln -s /no/such link""";
        await ShellAsync(Script);
        if (any)
            FileSync.SyncTreeOrFileSystem(_directory);
        else
            FileSync.SyncTree(_directory);
        // Delayed allocation: the file system has no blocks for a file that was not synced.
        var extents = await ShellAsync("filefrag -v a d/e/*");
        Assert.Equal((0, 2), (extents.ExitCode, extents.Output.Split("extent found").Length - 1));
        Assert.DoesNotContain("delalloc", extents.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void Sync_names_the_file_that_fails()
    {
        var error = Assert.Throws<LinuxException>(() => FileSync.SyncTree("/proc/sys/kernel/random")); // knows no fsync
        Assert.Equal(Errno.EINVAL, error.Errno);
        Assert.Contains("/proc/sys/kernel/random/", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Remove_deletes_what_is_written_meanwhile()
    {
        for (var time = 0; time < 200; time++)
        {
            var tree = Path.Combine(_directory, "tree");
            Directory.CreateDirectory(tree);
            using var ready = new ManualResetEventSlim();
            var writer = new Thread(() =>
            {
                try
                {
                    while (true)
                    {
                        AtomicFile.Write(Path.Combine(tree, "note"), "x"u8, durable: false);
                        ready.Set();
                    }
                }
                catch (IOException)
                {
                    // It is gone.
                }
            })
            { IsBackground = true };
            writer.Start();
            ready.Wait(TestContext.Current.CancellationToken);
            FileTree.Remove(tree);
            writer.Join();
            Assert.False(Path.Exists(tree));
        }
    }

    public void Dispose() => FileTree.Remove(_directory);

    private Task<ProgramResult> ShellAsync(string script) => Spawn.RunAsync(
        new SpawnOptions { Program = "sh", Arguments = ["-c", script], WorkingDirectory = _directory },
        null,
        TestContext.Current.CancellationToken);
}
