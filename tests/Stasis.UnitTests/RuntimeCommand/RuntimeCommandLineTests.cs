using Stasis.Engine.RuntimeCommand;
using Xunit;

namespace Stasis.UnitTests.RuntimeCommand;

/// <summary>Command lines as conmon, containerd's shim, CRI-O and crun's users write them.</summary>
public sealed class RuntimeCommandLineTests
{
    [Theory]
    [InlineData("--root /run/runc --log /l --log-format json create --bundle /b --pid-file /p --console-socket /s ID")]
    [InlineData("--root=/run/runc --log=/l --log-format=json create --bundle=/b --pid-file=/p --console-socket=/s ID")]
    [InlineData("-root /run/runc --debug --log /l --log-format json --criu /x create --no-pivot -b /b --pid-file /p --console-socket /s ID")]
    [InlineData("--rootless auto --root /run/runc --log /l --log-format json create ID --bundle /b --pid-file /p --console-socket /s")]
    public void Create_is_understood_however_its_flags_are_written(string text)
    {
        var line = Parse(text);

        Assert.Equal(("create", "ID", "/b", "/p", "/s"), (line.Verb, line.Id, line.Bundle, line.PidFile, line.ConsoleSocket));
        Assert.Equal(("/run/runc", "/l", true), (line.GetStateRoot("runc"), line.Log, line.LogsJson));
        Assert.False(line.UsesSystemdCgroup);
    }

    [Theory]
    [InlineData("--systemd-cgroup create ID", true)]
    [InlineData("--systemd-cgroup=true create ID", true)]
    [InlineData("--systemd-cgroup=false create ID", false)]
    [InlineData("--cgroup-manager systemd create ID", true)]
    [InlineData("--cgroup-manager cgroupfs create ID", false)]
    public void Who_makes_the_cgroup_is_understood(string text, bool expected) =>
        Assert.Equal(expected, Parse(text).UsesSystemdCgroup);

    [Fact]
    public void Operands_are_what_is_no_flag()
    {
        Assert.Equal(["ID", "KILL"], Parse("--log /l kill --all ID KILL").Operands);
        Assert.Equal(["-odd"], Parse("state -- -odd").Operands);
        Assert.True(Parse("delete --force ID").HasFlag("force"));
        Assert.Equal(["--log", "/l"], Parse("--log /l kill ID").GlobalArguments);
    }

    [Fact]
    public void Without_a_verb_there_is_none()
    {
        Assert.Null(Parse("--version").Verb);
        Assert.Null(RuntimeCommandLine.Parse([]).Verb);
        Assert.Equal(".", Parse("create ID").Bundle);
        Assert.Equal("/run/runc", Parse("--root").GetStateRoot("runc"));
    }

    private static RuntimeCommandLine Parse(string text) => RuntimeCommandLine.Parse(text.Split(' '));
}
