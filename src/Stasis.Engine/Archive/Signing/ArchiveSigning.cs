using Stasis.Engine.Errors;
using Stasis.Engine.Formats.Ssh;
using Stasis.Linux.Cryptography;
using Stasis.Linux.Files;

namespace Stasis.Engine.Archive.Signing;

/// <summary>
/// Signs archives, and verifies their signatures without unpacking them. Any file can be signed, also an
/// encrypted archive.
/// </summary>
public static class ArchiveSigning
{
    /// <summary>Signs an archive.</summary>
    /// <param name="archive">The archive's path, or "-" for standard input.</param>
    /// <param name="key">The file of an Ed25519 key of SSH: the secret key, or the public key if the SSH agent has the secret one.</param>
    /// <param name="file">The signature's path, whose file is replaced; null for the archive's path with ".sig".</param>
    /// <param name="cancellation">Stops reading; no signature is written.</param>
    /// <returns>The signature's path.</returns>
    /// <exception cref="StasisException">The archive or the key can't be read, or the signature can't be written.</exception>
    public static string Sign(string archive, string key, string? file, CancellationToken cancellation)
    {
        if (file is null && archive == "-")
        {
            throw new StasisException("where the signature is to go isn't known, as the archive comes through standard input")
            {
                Remedy = "give it: --signature FILE",
            };
        }
        file ??= archive + SignatureCheck.Suffix;
        var signer = SshSigner.Open(key);
        var signature = signer.Sign(Hash(archive, _ => { }, cancellation));
        try
        {
            AtomicFile.Write(file, System.Text.Encoding.ASCII.GetBytes(signature.ToString()), 0x1A4 /* 0644: no secret */);
            return file;
        }
        catch (IOException e)
        {
            throw new StasisException($"writing signature {file}: {FileErrorText.Why(e)}", e)
            {
                Remedy = FileErrorText.Remedy(e, Path.GetDirectoryName(Path.GetFullPath(file))!),
            };
        }
    }

    /// <summary>Verifies an archive's signature.</summary>
    /// <param name="archive">The archive's path, or "-" for standard input.</param>
    /// <param name="file">The signature's path; null for the archive's path with ".sig".</param>
    /// <param name="signers">The signers whose signatures are trusted.</param>
    /// <param name="cancellation">Stops reading.</param>
    /// <returns>The key that signed the archive, and the name that the key is trusted under.</returns>
    /// <exception cref="StasisException">The archive isn't signed, isn't signed by a trusted signer, or was changed afterwards.</exception>
    public static (SshPublicKey Key, string Signer) Verify(
        string archive,
        string? file,
        TrustedSigners signers,
        CancellationToken cancellation)
    {
        var check = SignatureCheck.Open(archive, file, signers);
        check.Require(Hash(archive, check.Append, cancellation));
        return (check.Key, check.Signer);
    }

    private delegate void Take(ReadOnlySpan<byte> data);

    private static byte[] Hash(string archive, Take take, CancellationToken cancellation)
    {
        using var source = HashedArchiveInput.Open(archive);
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
