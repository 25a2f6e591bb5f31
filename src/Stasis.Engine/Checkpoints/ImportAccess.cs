using Stasis.Engine.Archive;
using Stasis.Engine.Archive.Age;
using Stasis.Engine.Archive.Signing;

namespace Stasis.Engine.Checkpoints;

/// <summary>What a restore was given to read its archives with, and how much they may ask for.</summary>
internal static class ImportAccess
{
    /// <exception cref="StasisException">A file of keys can't be read, or there are none.</exception>
    public static ArchiveAccess Of(RestoreOptions options) => new()
    {
        Identities = AgeKeyFiles.ReadIdentities(options.Identities),
        Signers = Signers(options),
        Signature = options.Signature,
        Limits = options.Limits,
    };

    private static TrustedSigners? Signers(RestoreOptions options)
    {
        if (!options.RequireSignature)
            return null;
        if (options.Import is null)
            throw new StasisException("only an archive can be signed") { Remedy = "use --require-signature with --import FILE" };
        return TrustedSigners.Read(options.Signers ?? throw new StasisException("whose signature is required isn't said") { Remedy = "give the signer's public key: --require-signature=FILE.pub" });
    }
}
