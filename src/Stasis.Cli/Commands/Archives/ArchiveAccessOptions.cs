using System.CommandLine;
using Stasis.Cli.Parsing;
using Stasis.Engine.Checkpoints;
using Stasis.Engine.Errors;
using Stasis.Linux.Files;

namespace Stasis.Cli.Commands.Archives;

/// <summary>The options of commands that read an archive: how to decrypt it, and what to require of it.</summary>
internal sealed class ArchiveAccessOptions
{
    private readonly Option<string[]> _identity = OptionFactory.Many(
        "--identity",
        null,
        "FILE",
        "Decrypt the archive with the age identities (AGE-SECRET-KEY-1...) in this file; may be repeated");
    private readonly Option<string?> _requireSignature = OptionFactory.OptionalText(
        "--require-signature",
        "FILE",
        "Refuse an archive that is not signed by an SSH public key in the file, or by one that the import policy trusts");
    private readonly Option<string?> _signature =
        OptionFactory.Text("--signature", null, "FILE", "Require this signature of the archive (default: archive name with .sig)");
    private readonly Option<string?> _policy = MakePolicy();

    /// <summary>All the options.</summary>
    public Option[] All => [_identity, _requireSignature, _signature, _policy];

    /// <summary>The options that apply to archives only; the import policy applies to other sources too.</summary>
    public Option[] OfArchives => [_identity, _requireSignature, _signature];

    /// <summary><c>--policy</c>.</summary>
    public Option Policy => _policy;

    /// <summary>
    /// A hint for the message about an unexpected argument: the argument may be the file for a <c>--require-signature</c> without a value.
    /// Otherwise empty.
    /// </summary>
    public string SignersHint(Invocation run) =>
        run.Get(_requireSignature) is "" ? "; the file of --require-signature is tied to it with =: --require-signature=FILE" : "";

    /// <summary>Options for the engine, with the values of these options.</summary>
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

    /// <summary>Makes <c>--policy</c>.</summary>
    public static Option<string?> MakePolicy() =>
        OptionFactory.Text("--policy", null, "FILE", "Import policy (default: /etc/stasis/import-policy.json)");

    /// <summary>Makes <c>--allow</c>.</summary>
    public static Option<string[]> MakeAllow() => OptionFactory.Many(
        "--allow",
        null,
        "RULE:VALUE",
        "Allow something that an archive asks for beyond a plain container; a refusal names the value");

    /// <summary>Makes <c>--encrypt</c>, for commands that write an archive.</summary>
    public static Option<string[]> MakeEncrypt() =>
        OptionFactory.Many(
            "--encrypt",
            null,
            "RECIPIENT",
            "Encrypt the archive to an age public key (age1...), or to the keys in a file, one a line; may be repeated");
}
