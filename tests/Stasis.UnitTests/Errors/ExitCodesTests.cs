using System.Runtime.InteropServices;
using Stasis.Cli;
using Stasis.Engine.Errors;
using Xunit;

namespace Stasis.UnitTests.Errors;

public class ExitCodesTests
{
    [Fact]
    public void Exit_codes_are_podmans()
    {
        Assert.Equal(125, ExitCodes.For(new NotFoundException("x")));
        Assert.Equal(125, ExitCodes.For(new RuntimeException("x")));
        Assert.Equal(126, ExitCodes.For(new RuntimeException("x", CommandProblem.NotExecutable)));
        Assert.Equal(127, ExitCodes.For(new RuntimeException("x", CommandProblem.NotFound)));
        Assert.Equal(143, ExitCodes.For(new AttachmentSignalledException(PosixSignal.SIGTERM)));
        Assert.Equal(129, ExitCodes.For(new AttachmentSignalledException(PosixSignal.SIGHUP)));
    }
}
