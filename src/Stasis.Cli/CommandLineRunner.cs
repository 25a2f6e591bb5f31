using System.CommandLine;
using Stasis.Cli.Output;
using Stasis.Cli.Output.HelpText;
using Stasis.Cli.Parsing;
using Stasis.Cli.Verbs;
using Stasis.Engine.Errors;

namespace Stasis.Cli;

/// <summary>Parses a command line and runs the command.</summary>
internal static class CommandLineRunner
{
    // ArgumentNormalizer.Normalize has split bundled short options already; @FILE arguments are not supported.
    internal static readonly ParserConfiguration Configuration = new() { EnablePosixBundling = false, ResponseFileTokenReplacer = null };

    public static async Task<int> RunAsync(string[] args)
    {
        var root = CommandTree.Build(args);
        Command command = root;
        try
        {
            var tokens = ArgumentNormalizer.Normalize(root, args, out command);
            // The parser drops a first token that ends in a slash and the command's own name, such as --root=/var/lib/stasis: give it one
            // to drop.
            var parse = root.Parse([root.Name, .. tokens], Configuration);
            if (parse.GetValue(GlobalOptions.Help))
                return Help.Write(command);
            if (parse.GetValue(GlobalOptions.Version))
                return Stasis.Cli.Commands.Host.VersionCommand.Print();
            if (command is not Verb verb)
                return args.Length == 0
                    ? Help.Write(command)
                    : throw new UsageException($"missing command '{Help.FullName(command)} COMMAND'");
            if (parse.Errors.Count > 0)
                throw new UsageException(Explain(verb, parse));
            using var invocation = new Invocation(parse, args);
            try
            {
                if (verb.NeedsRoot && !Environment.IsPrivilegedProcess)
                    throw new StasisException($"{Help.FullName(verb)}: only root can do this: containers without root are not supported")
                    {
                        Remedy = "run it as root, for example with sudo",
                    };
                if (verb.UsesState)
                    await invocation.Engine.RecoverAsync(CancellationToken.None);
                return await verb.RunAsync(invocation);
            }
            catch (Exception exception) when (exception is not UsageException)
            {
                return FailureReport.Report(exception, invocation.Debug, invocation.Signal);
            }
        }
        catch (UsageException exception)
        {
            StandardError.Line($"Error: {exception.Message}");
            StandardError.Line($"See '{Help.FullName(command)} --help'");
            return 125;
        }
    }

    /// <summary>An error in a command line. The messages of the parser do not name arguments.</summary>
    internal static string Explain(Verb verb, ParseResult parse) =>
        verb.Arguments.FirstOrDefault(
            argument => (parse.GetResult(argument)?.Tokens.Count ?? 0) < argument.Arity.MinimumNumberOfValues) is { } missing
            ? $"missing argument {missing.Name}: {Help.Usage(verb)}"
        : parse.UnmatchedTokens is [var word, ..] ? $"unexpected argument {word}: {Help.Usage(verb)}"
        : parse.Errors[0].Message;
}
