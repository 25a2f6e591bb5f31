using Stasis.Engine.Errors;
using Stasis.Engine.Formats.Ssh;
using Stasis.Linux.Cryptography;
using Stasis.Linux.Files;

namespace Stasis.Engine.Archive.Signing;

/// <summary>Signs archives, and verifies their signatures without unpacking them. Any file can be signed, an encrypted archive for one.</summary>
public static class ArchiveSignature
{
    /// <summary>Signs an archive.</summary>
    /// <param name="archive">Path, or "-" for standard input.</param>
    /// <param name="key">File of an Ed25519 key of SSH: the secret one, or the public one if the SSH agent holds the secret one.</param>
    /// <param name="file">Where the signature goes, replacing what is there; null is the archive's path with ".sig".</param>
    /// <param name="cancellation">Cancels it.</param>
    /// <returns>The signature's path.</returns>
    /// <exception cref="StasisException">The archive or the key can't be read, or the signature not written.</exception>
    public static string Sign(string archive, string key, string? file, CancellationToken cancellation)
    {
        file ??= archive == "-" ? throw new StasisException("where the signature is to go isn't known, as the archive comes through standard input") { Remedy = "give it: --signature FILE" } : archive + SignatureCheck.Suffix;
        var signer = SshSigner.Open(key);
        var signature = signer.Sign(Hash(archive, _ => { }, cancellation));
        try
        {
            AtomicFile.Write(file, System.Text.Encoding.ASCII.GetBytes(signature.ToString()), 0x1A4 /* 0644: no secret */);
            return file;
        }
        catch (IOException e)
        {
            throw new StasisException($"writing signature {file}: {FileFailure.Why(e)}", e) { Remedy = FileFailure.Remedy(e, Path.GetDirectoryName(Path.GetFullPath(file))!) };
        }
    }

    /// <summary>Verifies an archive's signature.</summary>
    /// <param name="archive">Path, or "-" for standard input.</param>
    /// <param name="file">The signature's path; null is the archive's with ".sig".</param>
    /// <param name="signers">Whose signatures count.</param>
    /// <param name="cancellation">Cancels it.</param>
    /// <returns>The key that signed it, and the name that the key is trusted under.</returns>
    /// <exception cref="StasisException">It isn't signed, not by one of those, or was changed since.</exception>
    public static (SshPublicKey Key, string Signer) Verify(string archive, string? file, TrustedSigners signers, CancellationToken cancellation)
    {
        var check = SignatureCheck.Open(archive, file, signers);
        check.Require(Hash(archive, check.Append, cancellation));
        return (check.Key, check.Signer);
    }

    private delegate void Take(ReadOnlySpan<byte> data);

    private static byte[] Hash(string archive, Take take, CancellationToken cancellation)
    {
        using var source = ArchiveInput.Open(archive);
        var hash = new Sha256();
        var buffer = new byte[1 << 18];
        int count;
        while ((count = source.Read(buffer)) > 0)
        {
            cancellation.ThrowIfCancellationRequested();
            hash.Append(buffer.AsSpan(0, count));
            take(buffer.AsSpan(0, count));
        }
        return hash.Finish();
    }
}
