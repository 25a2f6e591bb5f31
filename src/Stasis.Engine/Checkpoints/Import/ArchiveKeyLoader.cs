using Stasis.Engine.Archive;
using Stasis.Engine.Errors;
using Stasis.Engine.Formats.Age;
using Stasis.Engine.Formats.Ssh;
using Stasis.Engine.Vetting;

namespace Stasis.Engine.Checkpoints.Import;

/// <summary>Reads the keys that a source's archives are decrypted and verified with.</summary>
internal static class ArchiveKeyLoader
{
    /// <summary>Reads the files of keys that the options name, or takes the signers that the policy trusts.</summary>
    /// <exception cref="StasisException">A file of keys can't be read, or a signature is required and nobody's is trusted.</exception>
    public static ArchiveReadSettings Read(CheckpointSource source, ArchiveTrustOptions trust, ImportPermissions policy) => new()
    {
        Identities = AgeKeyFiles.ReadIdentities(trust.Identities),
        Signers = Signers(source, trust, policy),
        Signature = trust.Signature,
        Limits = trust.Limits,
    };

    private static TrustedSigners? Signers(CheckpointSource source, ArchiveTrustOptions trust, ImportPermissions policy)
    {
        var isArchive = source is CheckpointSource.Archive;
        if (trust.RequireSignature && !isArchive)
            throw new StasisException("only an archive can be signed") { Remedy = "restore from an archive, or require no signature" };
        // A file of keys alone says whose signature counts, and not that there must be one. For a checkpoint in the store, the signature
        // was required when its archive was read.
        if (trust.Signers is { } file && (isArchive || policy.File.RequireSignature))
            return TrustedSigners.Read(file);
        if (!trust.RequireSignature && !policy.File.RequireSignature)
            return null;
        if (policy.File.TrustedSigners is { Count: > 0 } keys)
            return TrustedSigners.Parse(keys, policy.Path);
        throw new StasisException($"a signature is required, and whose isn't said: import policy {policy.Path} trusts no signers")
        {
            Remedy = "give the signer's public key (--require-signature=FILE.pub), or put it into the policy's trustedSigners",
        };
    }
}
