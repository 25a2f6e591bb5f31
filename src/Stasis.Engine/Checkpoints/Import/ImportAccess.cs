using Stasis.Engine.Archive;
using Stasis.Engine.Errors;
using Stasis.Engine.Formats.Age;
using Stasis.Engine.Formats.Ssh;
using Stasis.Engine.Vetting;

namespace Stasis.Engine.Checkpoints.Import;

/// <summary>What a restore was given to read its archives with, and how much they may ask for.</summary>
internal static class ImportAccess
{
    /// <exception cref="StasisException">A file of keys can't be read, or there are none.</exception>
    public static ArchiveAccess FromOptions(RestoreOptions options) => new()
    {
        Identities = AgeKeyFiles.ReadIdentities(options.Identities),
        Signers = Signers(options),
        Signature = options.Signature,
        Limits = options.Limits,
    };

    private static TrustedSigners? Signers(RestoreOptions options)
    {
        if (options is { Import: null, RequireSignature: true })
            throw new StasisException("only an archive can be signed") { Remedy = "use --require-signature with --import FILE" };
        var policy = PolicyFile.Load(options.Policy);
        // Given alone it says whose, but not that there must be one: of copies, for whose archive it was required.
        if (options.Signers is { } file && (options.Import is not null || policy.RequireSignature))
            return TrustedSigners.Read(file);
        if (!options.RequireSignature && !policy.RequireSignature)
            return null;
        var source = options.Policy ?? PolicyFile.DefaultPath;
        return policy.TrustedSigners is { Count: > 0 } keys ? TrustedSigners.Parse(keys, source) : throw new StasisException($"a signature is required, and whose isn't said: import policy {source} trusts no signers")
        {
            Remedy = "give the signer's public key (--require-signature=FILE.pub), or put it into the policy's trustedSigners",
        };
    }
}
