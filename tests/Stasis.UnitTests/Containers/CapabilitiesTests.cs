using Stasis.Engine.Containers.Create;
using Stasis.Engine.Errors;
using Xunit;

namespace Stasis.UnitTests.Containers;

public sealed class CapabilitiesTests
{
    [Fact]
    public void Root_has_podmans_default_set()
    {
        var sets = CreateCapabilities.Build(Blueprints.Options, null, Blueprints.Host);

        Assert.Equal(
            "CAP_CHOWN CAP_DAC_OVERRIDE CAP_FOWNER CAP_FSETID CAP_KILL CAP_NET_BIND_SERVICE CAP_SETFCAP CAP_SETGID CAP_SETPCAP "
                + "CAP_SETUID CAP_SYS_CHROOT", string.Join(' ', sets.Bounding!));
        Assert.Equal(sets.Bounding, sets.Effective);
        Assert.Empty(sets.Inheritable!);
    }

    [Fact]
    public void Another_user_has_only_what_was_added_for_it()
    {
        var sets = CreateCapabilities.Build(Blueprints.Options with { CapAdd = ["net_raw"] }, "1000:1000", Blueprints.Host);

        Assert.Equal(["CAP_NET_RAW"], sets.Effective);
        Assert.Equal(["CAP_NET_RAW"], sets.Ambient);
        Assert.Contains("CAP_NET_RAW", sets.Bounding!);
        Assert.Contains("CAP_CHOWN", sets.Bounding!);
    }

    [Theory]
    [InlineData(new[] { "all" }, new string[0], 41)]
    [InlineData(new[] { "ALL" }, new[] { "CAP_SYS_ADMIN" }, 40)]
    [InlineData(new string[0], new[] { "all" }, 0)]
    [InlineData(new[] { "KILL" }, new[] { "all" }, 1)]
    [InlineData(new[] { "KILL" }, new[] { "chown" }, 10)]
    public void Adding_and_dropping(string[] add, string[] drop, int count) =>
        Assert.Equal(count,
            CreateCapabilities.Build(Blueprints.Options with { CapAdd = add, CapDrop = drop }, "root", Blueprints.Host).Bounding!.Count);

    [Theory]
    [InlineData(new[] { "all" }, new[] { "all" }, "adding all caps and removing all caps not allowed")]
    [InlineData(new[] { "kill" }, new[] { "CAP_KILL" }, "cannot be dropped and added")]
    [InlineData(new[] { "fly" }, new string[0], "\"CAP_FLY\": unknown capability")]
    public void Contradictions_are_refused(string[] add, string[] drop, string message) =>
        Assert.Contains(message, Assert.Throws<StasisException>(() =>
            CreateCapabilities.Build(Blueprints.Options with { CapAdd = add, CapDrop = drop }, null, Blueprints.Host)).Message);

    [Fact]
    public void Capability_that_this_process_lacks_is_not_given()
    {
        var host = Blueprints.Host with { BoundingCapabilities = ["CAP_CHOWN"] };

        Assert.Equal(["CAP_CHOWN"], CreateCapabilities.Build(Blueprints.Options, null, host).Bounding);
    }
}
