using System.Runtime.InteropServices;
using Stasis.Cli.Output;
using Stasis.Engine.Checkpoints;
using Stasis.Engine.Errors;
using Stasis.Linux;

namespace Stasis.Cli;

/// <summary>What a person sees of an exception.</summary>
internal static class FailureReport
{
    /// <summary>Tells what failed and what to do about it, on standard error; gives the exit code.</summary>
    public static int Report(Exception exception, bool debug, PosixSignal? signal = null)
    {
        if (exception is OperationCanceledException)
        {
            StandardError.Line($"Error: {(exception is InterruptedException ? Printable(exception.Message) : "interrupted")}");
            return signal == PosixSignal.SIGTERM ? 128 + 15 : 128 + 2;
        }
        // Nobody reads what is printed (… | head): other programs are ended by SIGPIPE then, without a word.
        if (exception is LinuxException { Operation: "write", Errno: Errno.EPIPE })
            return 128 + 13;
        StandardError.Line($"Error: {Printable(exception.Message)}");
        if (exception is StasisException { Remedy: { } remedy })
            StandardError.Line(Printable(remedy.ToString(RemedyText.Word)));
        // What wasn't foreseen may never come again: where it came from is told at once.
        var isMistake = IsMistake(exception);
        if (isMistake)
            StandardError.Line("This was not foreseen: a mistake in stasis. Please report it with these lines:");
        if (debug || isMistake)
            StandardError.Line(Printable(exception.ToString()));
        return ExitCodes.For(exception);
    }

    /// <summary>Tells why copies failed; gives the exit code of the first.</summary>
    public static int ReportCopies(IEnumerable<CopyOutcome> copies, bool debug)
    {
        var codes = copies.Select(copy => copy.Failure).OfType<Exception>().Select(failure => Report(failure, debug)).ToList();
        return codes is [var first, ..] ? first : 0;
    }

    /// <summary>Tells what a person should know though nothing failed.</summary>
    public static void Warn(string message) => StandardError.Line($"Warning: {Printable(message)}");

    /// <summary>
    /// The message without control characters. Names in it may come from a stranger's archive, and control sequences in them would be the terminal's to obey.
    /// </summary>
    internal static string Printable(string message) => string.Concat(message.Select(c => char.IsControl(c) && c is not ('\n' or '\t') ? '?' : c));

    /// <summary>Whether it is no failure that anybody had thought of, or what a step's failure has been made of isn't.</summary>
    internal static bool IsMistake(Exception exception) =>
        !(exception is StasisException or LinuxException or IOException or UnauthorizedAccessException or TimeoutException) || HasMistake(exception);

    private static bool HasMistake(Exception? exception) =>
        exception is not null && (exception is NullReferenceException or IndexOutOfRangeException or InvalidCastException or KeyNotFoundException || HasMistake(exception.InnerException));
}
