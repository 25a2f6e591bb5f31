using Stasis.Engine;
using Stasis.Engine.Archive;
using Stasis.Engine.Checkpoints;
using Stasis.Engine.Checkpoints.Restore;
using Stasis.Engine.Model;
using Stasis.Engine.RuntimeSpec;
using Stasis.Linux.Files;
using Xunit;

namespace Stasis.UnitTests.Checkpoints.Restore;

public sealed class CriuRestoreOptionsTests : IDisposable
{
    private readonly TempDirectory _temp = new();
    private readonly StasisEngine _engine;

    public CriuRestoreOptionsTests() =>
        _engine = new StasisEngine(new EngineOptions { Root = _temp.Layout.Root, RunRoot = _temp.Layout.RunRoot });

    public void Dispose()
    {
        _engine.Dispose();
        FileTree.Remove(_temp.Layout.Root);
        FileTree.Remove(_temp.Layout.RunRoot);
        _temp.Dispose();
    }

    [Fact]
    public async Task Plain_restore_tells_runc_and_CRIU_nothing()
    {
        var criu = await CreateAsync(new RestoreOptions());
        Assert.Empty(criu.RuntimeArguments);
        Assert.Empty(criu.Configuration);
    }

    [Fact]
    public async Task Options_that_runtimes_have_a_flag_for_are_arguments()
    {
        var options = new RestoreOptions { Network = new() { TcpConnections = TcpConnectionHandling.Keep }, FileLocks = true };
        var criu = await CreateAsync(options);
        Assert.Equal(["--tcp-established", "--file-locks"], criu.RuntimeArguments);
        Assert.Empty(criu.Configuration);
    }

    [Fact]
    public async Task Options_that_a_runtime_has_no_flag_for_are_lines_of_the_configuration()
    {
        var criu = await CreateAsync(new RestoreOptions { Network = new() { TcpConnections = TcpConnectionHandling.Close } }, isLazy: true);
        Assert.Empty(criu.RuntimeArguments);
        Assert.Equal(["tcp-close", "lazy-pages"], criu.Configuration);
    }

    [Fact]
    public async Task Crun_has_CRIU_find_its_empty_folder()
    {
        var line = Assert.Single((await CreateAsync(new RestoreOptions(), runtime: "crun")).Configuration);
        Assert.StartsWith("external mnt[/run/crun/.empty-directory]:", line, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Written_options_replace_those_of_the_last_run()
    {
        var paths = _engine.Layout.Container(new string('c', 64));
        Directory.CreateDirectory(paths.Bundle);
        (await CreateAsync(new RestoreOptions(), isLazy: true)).Write(paths);
        Assert.Equal("lazy-pages\n", await File.ReadAllTextAsync(paths.CriuConfig, TestContext.Current.CancellationToken));
        new CriuRestoreOptions { RuntimeArguments = [], Configuration = [] }.Write(paths);
        Assert.Equal("", await File.ReadAllTextAsync(paths.CriuConfig, TestContext.Current.CancellationToken));
    }

    private async Task<CriuRestoreOptions> CreateAsync(RestoreOptions options, bool isLazy = false, string runtime = "runc")
    {
        var program = Path.Combine(_temp.Path, runtime);
        File.CreateSymbolicLink(program, "/bin/true");
        var checkpoint = new CheckpointEntryPaths(_temp.Path);
        Directory.CreateDirectory(checkpoint.Images);
        var config = new ContainerConfig { Id = new string('c', 64), Name = "web", OciRuntime = program };
        var container = new Container(config, new OciSpec(), new ContainerState());
        _engine.ContainerStore.Insert(container);
        using var locked = await _engine.Containers.LockAsync(container.Id, TestContext.Current.CancellationToken);
        return CriuRestoreOptions.Create(locked, checkpoint, options, isLazy);
    }
}
