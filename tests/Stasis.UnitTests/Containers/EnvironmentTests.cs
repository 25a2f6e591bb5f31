using Stasis.Engine.Containers.Create;
using Stasis.Engine.Errors;
using Xunit;

namespace Stasis.UnitTests.Containers;

public sealed class EnvironmentTests
{
    private const string Path = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

    [Fact]
    public void Later_sources_win()
    {
        using var directory = new TempDirectory();
        var file = directory.File("env", "# a comment\n\n  A=file\nB=x=y # kept\nQ=\"quoted\"\n");

        var environment = Build(Blueprints.Options with { EnvFiles = [file], Env = ["A=flag", "EMPTY="], Tty = true });

        Assert.Equal([Path, "container=stasis", "TERM=xterm", "LANG=C", "A=flag", "B=x=y # kept", "Q=\"quoted\"", "EMPTY=", "HOSTNAME=h"],
            environment);
    }

    [Fact]
    public void Bare_key_takes_the_callers_value_or_nothing()
    {
        Environment.SetEnvironmentVariable("STASIS_TEST_ONE", "1");
        Environment.SetEnvironmentVariable("STASIS_TEST_TWO", "2");

        var environment = Build(Blueprints.Options with { Env = ["STASIS_TEST_ONE", "STASIS_TEST_NONE"] });
        Assert.Contains("STASIS_TEST_ONE=1", environment);
        Assert.DoesNotContain(environment, variable => variable.StartsWith("STASIS_TEST_NONE", StringComparison.Ordinal));

        Assert.Contains("STASIS_TEST_TWO=2", Build(Blueprints.Options with { Env = ["STASIS_TEST_*"] }));
    }

    [Fact]
    public void Bad_lines_name_their_file()
    {
        using var directory = new TempDirectory();
        var file = directory.File("env", "=x\n");

        var failure = Assert.Throws<StasisException>(() => Build(Blueprints.Options with { EnvFiles = [file] }));

        Assert.Contains(file, failure.Message);
        Assert.Contains("invalid variable: \"=x\"", failure.Message);
        Assert.Contains("/none", Assert.Throws<StasisException>(() => Build(Blueprints.Options with { EnvFiles = ["/none"] })).Message);
    }

    private static IReadOnlyList<string> Build(CreateOptions options) => CreateEnvironment.Build(options, Blueprints.Image, "h");
}
