using Stasis.Engine.Errors;
using Stasis.Linux.Files;

namespace Stasis.Cli.Output;

/// <summary>Asks for confirmation before many things are removed, in Podman's words.</summary>
internal static class ConfirmationPrompt
{
    /// <summary>Whether the answer on standard input is yes.</summary>
    /// <exception cref="StasisException">Standard input is at its end.</exception>
    public static bool Ask()
    {
        StandardOutput.Writer.Write("Are you sure you want to continue? [y/N] ");
        using var input = new StreamReader(StandardStream.Input);
        var answer = input.ReadLine()
            ?? throw new StasisException("there was no answer on standard input") { Remedy = "use --force to skip the question" };
        return answer.StartsWith('y') || answer.StartsWith('Y');
    }
}
