using System.Runtime.InteropServices;
using Stasis.Cli.Output;
using Stasis.Engine.Checkpoints;
using Stasis.Engine.Errors;
using Stasis.Linux;
using Stasis.Linux.Processes;

namespace Stasis.Cli;

/// <summary>Prints exceptions for people, and gives the exit code.</summary>
internal static class FailureReport
{
    /// <summary>Prints on standard error what failed and what to do about it; gives the exit code.</summary>
    /// <param name="exception">The failure.</param>
    /// <param name="debug">Whether to print where the exception came from.</param>
    /// <param name="signal">The signal that interrupted the command, if any.</param>
    public static int Report(Exception exception, bool debug, PosixSignal? signal = null)
    {
        if (exception is OperationCanceledException)
        {
            StandardError.Line($"Error: {(exception is OperationCancelledException ? Printable(exception.Message) : "interrupted")}");
            return signal == PosixSignal.SIGTERM ? 128 + 15 : 128 + 2;
        }
        // Nobody reads the output (… | head): exit silently, with the code of a program that SIGPIPE killed.
        if (exception is LinuxException { Operation: "write", Errno: Errno.EPIPE })
            return 128 + 13;
        StandardError.Line($"Error: {Printable(exception.Message)}");
        if (exception is StasisException { Remedy: { } remedy })
            StandardError.Line(Printable(remedy.ToString(RemedyText.Word)));
        // A bug may not come again: print its stack trace at once.
        var isBug = IsBug(exception);
        if (isBug)
            StandardError.Line("This is a bug in stasis. Please report it with these lines:");
        if (debug || isBug)
            StandardError.Line(Printable(exception.ToString()));
        return ExitCodes.For(exception);
    }

    /// <summary>Prints why copies failed; gives the exit code of the first failure.</summary>
    public static int ReportCopies(IEnumerable<CopyOutcome> copies, bool debug)
    {
        var codes = copies.Select(copy => copy.Failure).OfType<Exception>().Select(failure => Report(failure, debug)).ToList();
        return codes is [var first, ..] ? first : 0;
    }

    /// <summary>Prints a warning on standard error.</summary>
    public static void Warn(string message) => StandardError.Line($"Warning: {Printable(message)}");

    /// <summary>
    /// The message with control characters escaped. Names in it may come from an untrusted archive and contain control sequences for the
    /// terminal.
    /// </summary>
    internal static string Printable(string message) =>
        TerminalText.Escape(message, TerminalWriter.Kept);

    /// <summary>Whether an exception, or one inside it, is of a type that no code throws on purpose.</summary>
    internal static bool IsBug(Exception exception) =>
        !(exception is StasisException or LinuxException or IOException or UnauthorizedAccessException or TimeoutException)
            || HasBug(exception);

    private static bool HasBug(Exception? exception) =>
        exception is NullReferenceException or IndexOutOfRangeException or InvalidCastException or KeyNotFoundException
            || (exception is not null && HasBug(exception.InnerException));
}
