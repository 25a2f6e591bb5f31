using System.CommandLine;
using Stasis.Cli.Parsing;
using Stasis.Cli.Verbs;

namespace Stasis.Cli.Commands.Images;

internal sealed class LogoutCommand : Verb
{
    private readonly Option<bool> _all = OptionFactory.Flag("--all", "-a", "Log out of all registries");
    private readonly Option<string?> _authFile = OptionFactory.Text("--authfile", null, "FILE", "File to remove the login from");
    private readonly Argument<string[]> _registry;

    public LogoutCommand() : base("logout", "Log out of a registry")
    {
        AddOptions(_all, _authFile);
        _registry = AddArgument("REGISTRY", ArgumentArity.ZeroOrOne);
    }

    public override bool UsesState => false;

    public override Task<int> RunAsync(Invocation run) => SkopeoLogin.RunAsync(
        run, ["logout", .. SkopeoLogin.Flag(run, _all), .. SkopeoLogin.Text(run, _authFile), .. run.Get(_registry)]);
}
