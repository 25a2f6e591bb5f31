using Stasis.Engine.ExternalEngines;
using Xunit;

namespace Stasis.UnitTests.ExternalEngines;

public sealed class ExternalLogTests
{
    [Theory]
    [InlineData(
        """{"log":"hello \"you\"\n","stream":"stdout","time":"2026-11-30T10:00:00.123456789Z"}""",
        "2026-11-30T10:00:00.123456789Z stdout F hello \"you\"\n")]
    [InlineData(
        """{"log":"x\n","stream":"stdout","time":"2026-11-30T10:00:00.5Z"}""", "2026-11-30T10:00:00.500000000Z stdout F x\n")]
    [InlineData("""{"log":"x\n","stream":"stdout","time":"2026-11-30T10:00:00Z"}""", "2026-11-30T10:00:00.000000000Z stdout F x\n")]
    [InlineData("""{"log":"part","stream":"stderr","time":"T"}""", "T stderr P part\n")]
    [InlineData("""{"log":"hal""", null)]
    [InlineData("""{"log":7}""", null)]
    [InlineData("[]", null)]
    [InlineData("", null)]
    public void Lines_of_docker_become_lines_of_conmon(string line, string? expected) =>
        Assert.Equal(expected, ExternalLog.TryConvert(line));
}
