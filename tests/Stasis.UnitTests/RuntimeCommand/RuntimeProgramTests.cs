using System.Text;
using Stasis.Engine.RuntimeCommand;
using Stasis.Linux.Processes;
using Xunit;

namespace Stasis.UnitTests.RuntimeCommand;

/// <summary>The name by which the program is an OCI runtime.</summary>
public sealed class RuntimeProgramTests
{
    [Theory]
    [InlineData("stasis-runtime\0state\0", true)]
    [InlineData("/usr/bin/stasis-runtime\0", true)]
    [InlineData("/usr/bin/stasis\0stasis-runtime\0", false)]
    [InlineData("/stasis-runtime/stasis\0", false)]
    [InlineData("", false)]
    public void It_is_the_programs_own(string commandLine, bool expected) =>
        Assert.Equal(expected, RuntimeProgram.IsNamedBy(ProgramArguments.Parse(Encoding.UTF8.GetBytes(commandLine))));

    [Fact]
    public void Arguments_keep_their_bytes()
    {
        byte[] text = [0xFF, (byte)'a', 0, 0, (byte)'b', 0];

        Assert.Equal([[0xFF, (byte)'a'], [], [(byte)'b']], ProgramArguments.Parse(text));
    }
}
