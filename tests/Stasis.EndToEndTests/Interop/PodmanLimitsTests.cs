using Xunit;

namespace Stasis.EndToEndTests.Interop;

/// <summary>What Podman can't do at all, so that no cell of the matrix has it.</summary>
public sealed class PodmanLimitsTests(InteropFixture fixture) : IAsyncLifetime
{
    private readonly string _name = $"limits-{Guid.NewGuid():N}"[..20];

    private Side Podman => fixture.Podman("runc");

    private string Archive => Path.Combine(fixture.Exchange, _name + ".tar");

    public async ValueTask InitializeAsync()
    {
        await fixture.RequireImageAsync("base");
        await Podman.OkAsync("run", "-d", "--name", _name, "--network", "none", InteropFixture.ImageName("base"), "sleep", "1000");
    }

    public async ValueTask DisposeAsync() => await Podman.OkAsync("rm", "-f", "-t", "0", _name);

    [Fact]
    public async Task A_container_that_replaced_a_file_by_a_folder_is_not_checkpointed()
    {
        await Podman.ShellAsync(_name, "cd /tree; rm kept; mkdir kept; : >kept/file");
        var refused = await Podman.RunAsync("container", "checkpoint", "--export", Archive, _name);
        Assert.NotEqual(0, refused.ExitCode);
        Assert.Contains("not a directory", refused.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_attribute_with_an_equals_sign_ends_its_archive_in_the_middle_and_Stasis_says_so()
    {
        await Podman.OkAsync("exec", _name, "files", "equals", "/tree");
        await Podman.OkAsync("container", "checkpoint", "--export", Archive, _name);
        var refused = await fixture.Stasis("runc").RunAsync("container", "restore", "--import", Archive);
        Assert.Equal(125, refused.ExitCode);
        Assert.Contains("truncated", refused.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_deleted_link_takes_what_it_leads_to_with_it()
    {
        await Podman.ShellAsync(_name, "rm /tree/link-deleted; cat /tree/kept");
        await Podman.OkAsync("container", "checkpoint", "--export", Archive, _name);
        await Podman.OkAsync("rm", _name);
        await Podman.OkAsync("container", "restore", "--import", Archive);
        Assert.Equal("link", await Podman.ShellAsync(_name, "cd /tree; test -e kept || test ! -h link-deleted || echo link"));
    }
}
