using Stasis.Cli;
using Stasis.Cli.Parsing;
using Xunit;

namespace Stasis.UnitTests.Cli;

public class ArgumentNormalizerTests
{
    [Theory]
    [InlineData("run -itd img", "run --interactive=true --tty=true --detach=true -- img")]
    [InlineData("run -d img sh -c echo -x --name y", "run --detach=true -- img sh -c echo -x --name y")]
    [InlineData("run -eFOO=1 -e=BAR=2 -e BAZ=3 img", "run --env=FOO=1 --env=BAR=2 --env=BAZ=3 -- img")]
    [InlineData("run -ite A=B img", "run --interactive=true --tty=true --env=A=B -- img")]
    [InlineData("run --rm=false img", "run --rm=false -- img")]
    [InlineData("run -d=false img", "run --detach=false -- img")]
    [InlineData("run --name x --net host img", "run --name=x --network=host -- img")]
    [InlineData("run -h host1 img", "run --hostname=host1 -- img")]
    [InlineData("run -- img -x", "run -- img -x")]
    [InlineData("ps -h", "ps --help=true")]
    [InlineData("--root /r ps -aq", "--root=/r ps --all=true --quiet=true")]
    [InlineData("--root /r --runroot /s version", "--root=/r --runroot=/s version")]
    [InlineData("--root ps --runroot run version", "--root=ps --runroot=run version")]
    [InlineData("ps --root /r", "ps --root=/r")]
    [InlineData("rm -f a b", "rm --force=true a b")]
    [InlineData("logs --tail -1 c", "logs --tail=-1 c")]
    [InlineData("logs c --tail 5", "logs c --tail=5")]
    [InlineData("container restore -i - -n copy", "container restore --import=- --name=copy")]
    [InlineData("image import - name", "image import - name")]
    [InlineData("exec -it c sh -i", "exec --interactive=true --tty=true -- c sh -i")]
    [InlineData("run -v /a:/b:ro img", "run --volume=/a:/b:ro -- img")]
    public void Arguments_are_brought_into_one_form(string given, string expected) =>
        Assert.Equal(expected, string.Join(' ', Normalize(given.Split(' '))));

    [Fact]
    public void Empty_value_stays_a_value() =>
        Assert.Equal(["run", "--entrypoint", "", "--", "img"], Normalize(["run", "--entrypoint", "", "img"]));

    [Theory]
    [InlineData("run --nope img", "unknown flag: --nope")]
    [InlineData("run -dZ img", "unknown shorthand flag: 'Z' in -dZ")]
    [InlineData("ps --format", "flag needs an argument: --format")]
    [InlineData("run -d -e", "flag needs an argument: -e")]
    [InlineData("containr ps", "unknown command \"stasis containr\"; did you mean \"stasis container\"?")]
    [InlineData("--root /r contaner ps", "unknown command \"stasis contaner\"; did you mean \"stasis container\"?")]
    [InlineData("volume rn v", "unknown command \"stasis volume rn\"; did you mean \"stasis volume rm\"?")]
    [InlineData("export c", "unknown command \"stasis export\"; did you mean \"stasis checkpoint export\"?")]
    [InlineData("xyzzy", "unknown command \"stasis xyzzy\"")]
    public void Wrong_arguments_are_named(string given, string message) =>
        Assert.Equal(message, Assert.Throws<UsageException>(() => Normalize(given.Split(' '))).Message);

    private static List<string> Normalize(string[] args) => ArgumentNormalizer.Normalize(CommandTree.Build(args), args, out _);
}
