using Stasis.EndToEndTests.Harness;
using Stasis.Linux.Files;
using Xunit;

namespace Stasis.EndToEndTests;

/// <summary>No other user of the host may enter the root or the run root, whichever command came first.</summary>
public sealed class ModeTests : IAsyncLifetime
{
    private readonly StasisHost _maker = new();
    private string _archive = "", _image = "", _rootfs = "";

    [Fact]
    public async Task Roots_are_private_whatever_command_comes_first()
    {
        string[][] commands =
        [
            ["image", "import", _rootfs, "busybox"],
            ["load", "-i", _image],
            ["pull", "127.0.0.1:1/nothing"],
            ["network", "create", "net"],
            ["archive", "verify", _archive],
            ["checkpoint", "import", _archive],
            ["volume", "create", "data"],
            ["ps"],
        ];
        foreach (var command in commands)
        {
            await using var host = new StasisHost();
            _ = await host.ShellAsync($"umask 022; exec {host.Line} {string.Join(' ', command)}");
            Assert.True(Directory.Exists(host.Root) || Directory.Exists(host.RunRoot), string.Join(' ', command));
            Assert.Empty(
                from folder in (string[])[host.Root, host.RunRoot]
                where Directory.Exists(folder)
                from path in Directory.GetDirectories(folder).Prepend(folder)
                where File.GetUnixFileMode(path) != PrivateDirectory.Mode
                select $"{string.Join(' ', command)}: {path} has the mode {File.GetUnixFileMode(path)}");
        }
    }

    [Fact]
    public async Task A_root_of_an_older_version_is_made_private()
    {
        await using var host = new StasisHost();
        await host.OkAsync("volume", "create", "data");
        await host.ShellAsync($"chmod 755 {host.Root} {host.Root}/volumes");

        await host.OkAsync("ps");

        Assert.Equal(PrivateDirectory.Mode, File.GetUnixFileMode(host.Root));
        Assert.Equal(PrivateDirectory.Mode, File.GetUnixFileMode(Path.Combine(host.Root, "volumes")));
    }

    public async ValueTask InitializeAsync()
    {
        (_archive, _image, _rootfs) = (_maker.PathOf("a.tar"), _maker.PathOf("image.tar"), await TestImages.RootfsAsync());
        await _maker.ImportBusyboxAsync();
        await _maker.OkAsync("save", "-o", _image, "busybox");
        await _maker.StartCounterAsync("a");
        await _maker.OkAsync("container", "checkpoint", "-e", _archive, "a");
        await _maker.OkAsync("rm", "a");
    }

    public ValueTask DisposeAsync() => _maker.DisposeAsync();
}
