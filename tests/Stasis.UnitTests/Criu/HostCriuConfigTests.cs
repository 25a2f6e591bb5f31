using Stasis.Engine.Criu;
using Xunit;

namespace Stasis.UnitTests.Criu;

public sealed class HostCriuConfigTests
{
    [Fact]
    public void Options_without_effect_are_named_with_what_to_use()
    {
        using var directory = new TempDirectory();
        var path = directory.File("runc.conf", "# of a guide\ntcp-established\nfile-locks # all\n\nghost-limit 10M\nexternal mnt[x]:y\n");

        var (file, problem, remedy) = Assert.Single(HostCriuConfig.Describe([path, "/no/such.conf"]));

        Assert.Equal(path, file);
        Assert.Contains("tcp-established, file-locks, external of this file", problem, StringComparison.Ordinal);
        Assert.StartsWith(
            "use --tcp-established, --file-locks; for external, create the container with --annotation org.criu.config=FILE",
            remedy,
            StringComparison.Ordinal);
    }

    [Fact]
    public void What_Stasis_gives_CRIU_anyway_is_no_reason_to_warn()
    {
        using var directory = new TempDirectory();

        Assert.Empty(HostCriuConfig.Describe([directory.File("runc.conf", "# nothing\nskip-in-flight\nghost-limit=1\n")]));
    }
}
