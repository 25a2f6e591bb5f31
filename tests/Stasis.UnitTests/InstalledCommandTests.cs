using Stasis.Engine;
using Stasis.Engine.Containers.Create;
using Stasis.Engine.Errors;
using Stasis.Engine.Logging;
using Xunit;

namespace Stasis.UnitTests;

/// <summary>Which program the engine has run as stasis, and which it refuses.</summary>
public class InstalledCommandTests
{
    private static readonly string Version = typeof(StasisEngine).Assembly.GetName().Version!.ToString(3);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_command_given_is_run_once_and_then_remembered()
    {
        using var temp = new TempDirectory();
        var asked = Path.Combine(temp.Path, "asked");
        var program = Program(temp, $"echo >> {asked}; echo stasis version {Version}");
        await Command(temp, program).RequireInstalledAsync(Cancellation);
        await Command(temp, program).RequireInstalledAsync(Cancellation);
        Assert.Equal("\n", await File.ReadAllTextAsync(asked, Cancellation));
    }

    [Fact]
    public async Task Another_version_is_refused_and_named()
    {
        using var temp = new TempDirectory();
        var program = Program(temp, "echo stasis version 0.0.1");
        var refused = await Assert.ThrowsAsync<MissingProgramException>(() => Command(temp, program).RequireInstalledAsync(Cancellation));
        Assert.Equal(
            $"{program}: `{program} version` printed \"stasis version 0.0.1\" where \"stasis version {Version}\" was expected",
            refused.Message);
        Assert.NotNull(refused.Remedy);
    }

    [Fact]
    public async Task Another_program_is_refused()
    {
        using var temp = new TempDirectory();
        await Assert.ThrowsAsync<MissingProgramException>(() => Command(temp, "/bin/true").RequireInstalledAsync(Cancellation));
        var missing = Command(temp, Path.Combine(temp.Path, "missing"));
        await Assert.ThrowsAsync<MissingProgramException>(() => missing.RequireInstalledAsync(Cancellation));
    }

    [Fact]
    public async Task The_running_program_is_refused_without_being_run()
    {
        using var temp = new TempDirectory();
        var command = Command(temp, Environment.ProcessPath!);
        var refused = await Assert.ThrowsAsync<MissingProgramException>(() => command.RequireInstalledAsync(Cancellation));
        Assert.Contains("is the running program", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Containers_are_not_created_without_the_command()
    {
        using var temp = new TempDirectory();
        using var engine = new StasisEngine(new EngineOptions
        {
            Root = temp.Layout.Root,
            RunRoot = temp.Layout.RunRoot,
            Runtime = "/bin/true",
            CommandPath = Path.Combine(temp.Path, "missing"),
        });
        var options = new CreateOptions { Image = "busybox" };
        var refused = await Assert.ThrowsAsync<MissingProgramException>(() => engine.Containers.CreateAsync(options, Cancellation));
        Assert.StartsWith("the command ", refused.Message, StringComparison.Ordinal);
        Assert.False(Directory.Exists(temp.Layout.Root));
    }

    [Fact]
    public void A_line_names_the_engines_root()
    {
        using var temp = new TempDirectory();
        Assert.Equal(["/bin/true", "--root", temp.Layout.Root, "--runroot", temp.Layout.RunRoot, "container", "cleanup", "1"],
            Command(temp, "/bin/true").Line("container", "cleanup", "1"));
    }

    private static InstalledCommand Command(TempDirectory temp, string path) =>
        new(new EngineOptions { CommandPath = path }, temp.Layout, EngineLog.None);

    private static string Program(TempDirectory temp, string script)
    {
        var path = temp.File("stasis", $"#!/bin/sh\n{script}\n");
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        return path;
    }
}
