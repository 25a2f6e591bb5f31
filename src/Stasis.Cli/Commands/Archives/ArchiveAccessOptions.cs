using System.CommandLine;
using Stasis.Cli.Parsing;
using Stasis.Engine.Checkpoints;
using Stasis.Engine.Errors;
using Stasis.Linux.Files;

namespace Stasis.Cli.Commands.Archives;

/// <summary>The options of commands that read an archive of whoever.</summary>
internal sealed class ArchiveAccessOptions
{
    private readonly Option<string[]> _identity = OptionFactory.Many("--identity", null, "FILE", "File of age identities (AGE-SECRET-KEY-1...), to decrypt the archive with; may be given more than once");
    private readonly Option<string?> _requireSignature = OptionFactory.OptionalText("--require-signature", "FILE", "Refuse an archive that isn't signed by one of the SSH public keys in the file, or by one that the import policy trusts");
    private readonly Option<string?> _signature = OptionFactory.Text("--signature", null, "FILE", "The archive's signature, which is then required; the archive's name with .sig if not given");
    private readonly Option<string?> _policy = MakePolicy();

    /// <summary>All of them.</summary>
    public Option[] All => [_identity, _requireSignature, _signature, _policy];

    /// <summary>Those that mean nothing where no archive is read.</summary>
    public Option[] OfArchives => [_identity, _requireSignature, _signature];

    /// <summary>The import policy's.</summary>
    public Option Policy => _policy;

    /// <summary>What to say beside that there are too many arguments: where signatures are required without a file of keys, one of them may have been meant as that.</summary>
    public string SignersHint(Invocation run) => run.Get(_requireSignature) is "" ? "; the file of --require-signature is tied to it with =: --require-signature=FILE" : "";

    /// <summary>What was given.</summary>
    public ArchiveTrustOptions Read(Invocation run) => new()
    {
        Identities = run.Get(_identity),
        RequireSignature = run.Has(_requireSignature) || run.Has(_signature),
        Signers = run.Get(_requireSignature) is { Length: > 0 } signers ? signers : null,
        Signature = run.Get(_signature),
        Policy = run.Get(_policy),
    };

    /// <summary>The archive that an argument names: a path, or - for standard input.</summary>
    public static CheckpointSource.Archive Source(string file, string? preCheckpoint = null) => file == "-"
        ? new CheckpointSource.ArchiveStream(StandardInput()) { PreCheckpoint = preCheckpoint }
        : new CheckpointSource.ArchiveFile(file) { PreCheckpoint = preCheckpoint };

    private static Stream StandardInput()
    {
        try
        {
            return StandardStream.Input;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ArchiveException("-", null, e.Message, e);
        }
    }

    /// <summary>The import policy's, also of commands that only look.</summary>
    public static Option<string?> MakePolicy() => OptionFactory.Text("--policy", null, "FILE", "Import policy, in place of /etc/stasis/import-policy.json");

    /// <summary>What is allowed this time.</summary>
    public static Option<string[]> MakeAllow() => OptionFactory.Many("--allow", null, "RULE:VALUE", "Allow what an archive asks for beyond a plain container; a refused import names the values");

    /// <summary>The option of commands that write one.</summary>
    public static Option<string[]> Encrypt() =>
        OptionFactory.Many("--encrypt", null, "RECIPIENT", "Encrypt the archive to an age public key (age1...), or to those in a file, one a line; may be given more than once");
}
