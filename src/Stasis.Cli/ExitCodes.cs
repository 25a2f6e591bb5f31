using System.Runtime.InteropServices;
using Stasis.Engine.Errors;
using Stasis.Linux.Processes;

namespace Stasis.Cli;

/// <summary>Exit codes, which are Podman's.</summary>
internal static class ExitCodes
{
    /// <summary>The command itself failed.</summary>
    public const int Failure = 125;

    private const int CommandNotExecutable = 126;
    private const int CommandNotFound = 127;
    private const int Signalled = 128;

    /// <summary>
    /// The exit code for a failure: 126 or 127 if a command in the container is to blame, and 128 + N after signal N.
    /// </summary>
    public static int For(Exception exception) => exception switch
    {
        RuntimeException { Problem: CommandProblem.NotExecutable } => CommandNotExecutable,
        RuntimeException { Problem: CommandProblem.NotFound } => CommandNotFound,
        AttachmentSignalledException { Signal: PosixSignal.SIGTERM } => Signalled + Signals.Term,
        AttachmentSignalledException => Signalled + Signals.Hup,
        _ => Failure,
    };
}
