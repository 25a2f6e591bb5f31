using System.Text;
using Stasis.Engine.RuntimeCommand;
using Xunit;

namespace Stasis.UnitTests.RuntimeCommand;

/// <summary>The host's settings of the runtime.</summary>
public sealed class RuntimeSettingsTests
{
    [Fact]
    public void Without_a_file_and_variables_there_are_defaults()
    {
        var settings = Parse("{}");

        Assert.Equal(("runc", "/var/lib/stasis", "/run/stasis", null),
            (settings.Runtime, settings.Root, settings.RunRoot, settings.Checkpoints));
    }

    [Fact]
    public void A_variable_comes_before_the_file()
    {
        var settings = Parse(
            """{ "runtime": "crun", "root": "/r", "runRoot": "/rr", "checkpoints": "/c" /* archives */ }""", "STASIS_RUNTIME", "/opt/runc");

        Assert.Equal(("/opt/runc", "/r", "/rr", "/c"), (settings.Runtime, settings.Root, settings.RunRoot, settings.Checkpoints));
    }

    [Theory]
    [InlineData("[]", "not a JSON object")]
    [InlineData("""{"runtime":1}""", "\"runtime\" isn't a string")]
    [InlineData("""{"runtme":"crun"}""", "no setting \"runtme\"")]
    [InlineData("{", "runtime.json")]
    public void A_file_that_is_not_right_is_refused(string content, string why) =>
        Assert.Contains(why, Assert.Throws<IOException>(() => Parse(content)).Message, StringComparison.Ordinal);

    private static RuntimeSettings Parse(string content, string? name = null, string? value = null) =>
        RuntimeSettings.Parse(Encoding.UTF8.GetBytes(content), variable => variable == name ? value : null);
}
