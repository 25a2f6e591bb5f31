using Stasis.Engine.Errors;
using Stasis.Engine.Formats;
using Stasis.Engine.Formats.Ssh;
using Stasis.Linux.Cryptography;

namespace Stasis.Engine.Archive.Signing;

/// <summary>
/// Checks an archive's detached signature over the very bytes that are read, in the pass in which they are read. Whose it is, and whether that one is trusted, is known
/// before.
/// </summary>
internal sealed class SignatureCheck
{
    /// <summary>Where a signature lies unless told otherwise: where ssh-keygen -Y sign puts it.</summary>
    public const string Suffix = ".sig";

    private readonly string _archive;
    private readonly SshSignature _signature;
    private readonly Sha512? _sha512;

    private SignatureCheck(string archive, string file, SshSignature signature, string signer) =>
        (_archive, File, _signature, Signer, _sha512) = (archive, file, signature, signer, signature.HashName == SshSignature.Sha512 ? new Sha512() : null);

    /// <summary>The signature is over the SHA-256 that archives are known by, so that of one whose SHA-256 is known nothing need be read.</summary>
    public bool NeedsNoBytes => _sha512 is null;

    /// <summary>Where it lies.</summary>
    public string File { get; }

    /// <summary>The name that the signer is trusted under.</summary>
    public string Signer { get; }

    /// <summary>Whose the signature claims to be.</summary>
    public SshPublicKey Key => _signature.Key;

    /// <summary>Reads the signature.</summary>
    /// <param name="archive">Path, or "-".</param>
    /// <param name="file">The signature's path; null is the archive's with <see cref="Suffix"/>.</param>
    /// <param name="signers">Whose count.</param>
    /// <exception cref="StasisException">There is none, it is none, or one of somebody who isn't trusted.</exception>
    public static SignatureCheck Open(string archive, string? file, TrustedSigners signers)
    {
        file ??= archive == "-" ? throw new ArchiveException(archive, null, "where its signature is isn't known, as it comes through standard input") { Remedy = "give it: --signature FILE" } : archive + Suffix;
        if (!System.IO.File.Exists(file))
            throw new ArchiveException(archive, null, $"it isn't signed: there is no {file}") { IsUntrusted = true, Remedy = "stasis archive sign --key KEY FILE signs one; --signature FILE names a signature that lies elsewhere" };
        try
        {
            var signature = SshSignature.Parse(KeyFile.Read(file, "signature"));
            return signers.NameOf(signature.Key) is { } name
                ? new SignatureCheck(archive, file, signature, name)
                : throw new ArchiveException(archive, null, $"it is signed with key {signature.Key.Fingerprint}, which is not among those of {signers.Source}")
                {
                    IsUntrusted = true,
                    Remedy = $"if you trust who signed it, add the key: {signature.Key}",
                };
        }
        catch (FormatException e)
        {
            throw new ArchiveException(archive, null, $"its signature {file} can't be used: {e.Message}", e) { IsUntrusted = true };
        }
    }

    /// <summary>Takes the archive's bytes as they are read, all of them in their order.</summary>
    public void Append(ReadOnlySpan<byte> data) => _sha512?.Append(data);

    /// <summary>Verifies the signature.</summary>
    /// <param name="sha256">The hash of the same bytes.</param>
    /// <exception cref="ArchiveException">It is not that of these bytes.</exception>
    public void Require(byte[] sha256)
    {
        if (!_signature.IsOf(_sha512?.Finish() ?? sha256))
            throw new ArchiveException(_archive, null, $"its signature is wrong: it was changed after {Signer} signed it, or the signature is another archive's")
            {
                IsUntrusted = true,
                Remedy = "take the archive from its signer anew, together with its signature",
            };
    }
}
