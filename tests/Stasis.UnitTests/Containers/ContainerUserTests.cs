using Stasis.Engine.Containers.Files;
using Stasis.Engine.Errors;
using Xunit;

namespace Stasis.UnitTests.Containers;

public sealed class ContainerUserTests
{
    private const string Passwd = "root:x:0:0:root:/root:/bin/sh\nshort:x\n# a comment\nanna:x:1000:100:Anna:/home/anna:/bin/sh\n";
    private const string Group = "root:x:0:\nusers:x:100:\nwheel:x:10:root,anna\naudio:x:29:anna\n";

    [Theory]
    [InlineData(null, 0, 0, "/root", "10")]
    [InlineData("root", 0, 0, "/root", "0,10")]
    [InlineData("anna", 1000, 100, "/home/anna", "100,10,29")]
    [InlineData("1000", 1000, 100, "/home/anna", "100,10,29")]
    [InlineData("anna:audio", 1000, 29, "/home/anna", "29")]
    [InlineData("4711", 4711, 0, "/", "0")]
    [InlineData("4711:12", 4711, 12, "/", "12")]
    public void Users_are_looked_up(string? user, uint uid, uint gid, string home, string groups)
    {
        var found = ContainerUser.Find(user, Passwd, Group);

        Assert.Equal((uid, gid, home), (found.Uid, found.Gid, found.Home));
        Assert.Equal(groups, string.Join(',', found.ToSpec(null, user is not null).AdditionalGids!));
    }

    [Theory]
    [InlineData("bob", "unable to find user bob: no matching entries in passwd file")]
    [InlineData("anna:staff", "unable to find group staff: no matching entries in group file")]
    [InlineData("-1", "must be in range")]
    [InlineData("99999999999", "must be in range")]
    public void Unknown_ones_are_refused(string user, string message) =>
        Assert.Contains(message, Assert.Throws<StasisException>(() => ContainerUser.Find(user, Passwd, Group)).Message);
}
