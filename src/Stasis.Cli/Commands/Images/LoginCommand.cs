using System.CommandLine;
using Stasis.Cli.Parsing;
using Stasis.Cli.Verbs;

namespace Stasis.Cli.Commands.Images;

internal sealed class LoginCommand : Verb
{
    private readonly Option<string?> _authFile = OptionFactory.Text("--authfile", null, "FILE", "File to write to");
    private readonly Option<bool> _getLogin = OptionFactory.Flag("--get-login", null, "Print the user who is logged in");
    private readonly Option<bool> _passwordStdin = OptionFactory.Flag("--password-stdin", null, "Read the password from standard input");
    private readonly Option<bool> _tlsVerify =
        OptionFactory.Flag("--tls-verify", null, "Verify the registry's certificate; =false allows plain HTTP too");
    private readonly Option<string?> _username = OptionFactory.Text("--username", "-u", "NAME", "User name");
    private readonly Argument<string[]> _registry;

    public LoginCommand() : base("login", "Log in to a registry")
    {
        AddOptions(_authFile, _getLogin, _passwordStdin, _tlsVerify, _username);
        _registry = AddArgument("REGISTRY", ArgumentArity.ExactlyOne);
    }

    public override bool UsesState => false;

    public override string Details =>
        "Asks for what isn't given. The login is skopeo's: podman and skopeo use it too, and theirs is used here. There is no " +
        "--password, which other users could read in the list of processes.";

    public override Task<int> RunAsync(Invocation run) => SkopeoLogin.RunAsync(
        run,
        [
            "login",
            .. SkopeoLogin.Text(run, _authFile),
            .. SkopeoLogin.Flag(run, _getLogin),
            .. SkopeoLogin.Flag(run, _passwordStdin),
            .. SkopeoLogin.Flag(run, _tlsVerify),
            .. SkopeoLogin.Text(run, _username),
            .. run.Get(_registry),
        ]);
}
