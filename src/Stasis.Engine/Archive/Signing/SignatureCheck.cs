using Stasis.Engine.Errors;
using Stasis.Engine.Formats;
using Stasis.Engine.Formats.Ssh;
using Stasis.Linux.Cryptography;

namespace Stasis.Engine.Archive.Signing;

/// <summary>
/// Checks an archive's detached signature in the pass in which the archive is read. The signer, and that the
/// signer is trusted, is known before.
/// </summary>
internal sealed class SignatureCheck
{
    /// <summary>The suffix of a signature's default path, which is that of ssh-keygen -Y sign.</summary>
    public const string Suffix = ".sig";

    private readonly string _archive;
    private readonly SshSignature _signature;
    private readonly Sha512? _sha512;

    private SignatureCheck(string archive, string file, SshSignature signature, string signer)
    {
        (_archive, File, _signature, Signer) = (archive, file, signature, signer);
        _sha512 = signature.HashName == SshSignature.Sha512 ? new Sha512() : null;
    }

    /// <summary>
    /// Whether the signature is over the SHA-256 that archives are identified by, so that an archive with a
    /// known SHA-256 need not be read again.
    /// </summary>
    public bool NeedsNoBytes => _sha512 is null;

    /// <summary>The signature's path.</summary>
    public string File { get; }

    /// <summary>The name that the signer is trusted under.</summary>
    public string Signer { get; }

    /// <summary>The key that the signature claims to be made with.</summary>
    public SshPublicKey Key => _signature.Key;

    /// <summary>Reads the signature.</summary>
    /// <param name="archive">The archive's path, or "-" for standard input.</param>
    /// <param name="file">The signature's path; null for the archive's path with <see cref="Suffix"/>.</param>
    /// <param name="signers">The signers whose signatures are trusted.</param>
    /// <exception cref="StasisException">There is no signature, it is malformed, or its signer isn't trusted.</exception>
    public static SignatureCheck Open(string archive, string? file, TrustedSigners signers)
    {
        if (file is null && archive == "-")
        {
            throw new ArchiveException(archive, null, "where its signature is isn't known, as it comes through standard input")
            {
                Remedy = "give it: --signature FILE",
            };
        }
        file ??= archive + Suffix;
        if (!System.IO.File.Exists(file))
            throw new ArchiveException(archive, null, $"it isn't signed: there is no {file}")
            {
                IsUntrusted = true,
                Remedy = "stasis archive sign --key KEY FILE signs one; --signature FILE names a signature that lies elsewhere",
            };
        try
        {
            var signature = SshSignature.Parse(KeyFile.Read(file, "signature"));
            return signers.NameOf(signature.Key) is { } name
                ? new SignatureCheck(archive, file, signature, name)
                : throw new ArchiveException(
                    archive, null, $"it is signed with key {signature.Key.Fingerprint}, which is not among those of {signers.Source}")
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

    /// <summary>Adds bytes of the archive, all of them in order.</summary>
    public void Append(ReadOnlySpan<byte> data) => _sha512?.Append(data);

    /// <summary>Verifies the signature.</summary>
    /// <param name="sha256">The SHA-256 of the same bytes.</param>
    /// <exception cref="ArchiveException">The signature isn't one of these bytes.</exception>
    public void Require(byte[] sha256)
    {
        if (!_signature.IsOf(_sha512?.Finish() ?? sha256))
            throw new ArchiveException(
                _archive, null, $"its signature is wrong: it was changed after {Signer} signed it, or the signature is another archive's")
            {
                IsUntrusted = true,
                Remedy = "take the archive from its signer anew, together with its signature",
            };
    }
}
