using System.CommandLine;
using Stasis.Cli.Parsing;
using Stasis.Engine.Images;

namespace Stasis.Cli.Commands.Images;

/// <summary>The options of commands that speak to a registry.</summary>
internal sealed class RegistryAccessOptions
{
    private readonly Option<string?> _authFile =
        OptionFactory.Text("--authfile", null, "FILE", "File with user names and passwords (default: that of stasis login REGISTRY)");
    private readonly Option<bool> _tlsVerify = OptionFactory.Flag(
        "--tls-verify",
        null,
        "Verify the registry's certificate; =false allows plain HTTP too (default: true, unless registries.conf says otherwise)");

    /// <summary>All the options.</summary>
    public Option[] All => [_authFile, _tlsVerify];

    /// <summary>Options for the engine, with the values of these options.</summary>
    public RegistryOptions Read(Invocation run) => new()
    {
        AuthFile = run.Get(_authFile),
        VerifyTls = run.Has(_tlsVerify) ? run.Get(_tlsVerify) : null,
    };
}
