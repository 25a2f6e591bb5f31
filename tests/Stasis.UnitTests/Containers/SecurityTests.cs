using Stasis.Engine.Containers.Create;
using Stasis.Engine.Errors;
using Xunit;

namespace Stasis.UnitTests.Containers;

public sealed class SecurityTests
{
    [Theory]
    [InlineData("no-new-privileges", true)]
    [InlineData("no-new-privileges:true", true)]
    [InlineData("no-new-privileges=false", false)]
    public void No_new_privileges(string option, bool expected) => Assert.Equal(expected, Build(option).NoNewPrivileges);

    [Fact]
    public void Paths_can_be_masked_and_unmasked()
    {
        var security = Build("mask=/a:/b", "unmask=/proc/k*");

        Assert.Contains("/a", security.Masked);
        Assert.DoesNotContain("/proc/kcore", security.Masked);
        Assert.Contains("/proc/acpi", security.Masked);
        Assert.False(security.CgroupsWritable);
        Assert.Empty(Build("unmask=ALL").Masked);
        Assert.True(Build("unmask=/sys/fs/cgroup").CgroupsWritable);
    }

    [Theory]
    [InlineData("seccomp")]
    [InlineData("magic=1")]
    [InlineData("no-new-privileges=maybe")]
    [InlineData("label=type:x")]
    public void Unknown_options_are_refused(string option) =>
        Assert.Contains(option, Assert.Throws<StasisException>(() => Build(option)).Message);

    private static CreateSecurity Build(params string[] options) =>
        CreateSecurity.Build(new CreateOptions { Image = "x", SecurityOptions = options });
}
