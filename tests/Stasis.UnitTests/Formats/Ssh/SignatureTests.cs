using System.Text;
using CsCheck;
using Stasis.Engine.Archive.Signing;
using Stasis.Engine.Errors;
using Stasis.Engine.Formats.Ssh;
using Stasis.Linux.Cryptography;
using Stasis.Linux.Files;
using Xunit;

namespace Stasis.UnitTests.Formats.Ssh;

public sealed class SignatureTests : IDisposable
{
    private readonly TempDirectory _temp = new();
    private readonly string _key;
    private readonly string _public;
    private readonly string _archive;

    public SignatureTests()
    {
        (_key, _public) = MakeKey("alice");
        _archive = _temp.File("archive.tar", "some archive");
    }

    public void Dispose() => _temp.Dispose();

    [Fact]
    public void Signatures_are_verified()
    {
        Assert.Equal(_archive + ".sig", Sign());
        var (key, signer) = Verify(_public);
        Assert.Equal("alice", signer);
        Assert.Equal(SshPublicKey.Parse(_public), key);
        Assert.Equal("-rw-r--r--", Mode(_archive + ".sig"));
        Sign(); // and takes the place of the former
        Verify(_public);
    }

    [Fact]
    public void Changed_bytes_are_noticed()
    {
        Sign();
        foreach (var content in (string[])["some archivE", "some archiv", "some archive.", ""])
        {
            File.WriteAllText(_archive, content);
            Refused("its signature is wrong: it was changed after alice signed it, or the signature is another archive's", _public);
        }
    }

    [Fact]
    public void Another_archive_s_signature_is_none()
    {
        var other = _temp.File("other.tar", "another archive");
        ArchiveSigning.Sign(other, _key, _archive + ".sig", TestContext.Current.CancellationToken);
        Refused("its signature is wrong", _public);
    }

    [Fact]
    public void Untrusted_keys_are_refused()
    {
        Sign();
        var (_, other) = MakeKey("mallory");
        var error =
            Refused($"it is signed with key {SshPublicKey.Parse(_public).Fingerprint}, which is not among those of the test", other);
        Assert.Contains(_public.Split(' ')[1], error.Remedy!, StringComparison.Ordinal); // to be copied, if it is somebody's
    }

    [Fact]
    public void Trusted_keys_cannot_be_claimed()
    {
        // Mallory signs, and puts Alice's key into the signature.
        var (mallory, _) = MakeKey("mallory");
        var forged = SshSigner.Open(mallory).Sign(Sha256.Compute("some archive"u8));
        var text = forged.ToString().Replace("\n", "", StringComparison.Ordinal);
        var blob = Convert.FromBase64String(text["-----BEGIN SSH SIGNATURE-----".Length..^"-----END SSH SIGNATURE-----".Length]);
        var at = blob.AsSpan().IndexOf(forged.Key.Blob);
        SshPublicKey.Parse(_public).Blob.CopyTo(blob, at);
        _temp.File("archive.tar.sig", SshPem.Encode(blob, "SSH SIGNATURE"));
        Refused("its signature is wrong", _public);
    }

    [Fact]
    public void A_flipped_bit_in_a_signature_is_noticed()
    {
        Sign();
        var good = SshPem.Decode(File.ReadAllText(_archive + ".sig"), "SSH SIGNATURE");
        Gen.Int[0, (good.Length * 8) - 1].Sample(
            bit =>
            {
                var bad = good.ToArray();
                bad[bit / 8] ^= (byte)(1 << (bit % 8));
                File.WriteAllText(_archive + ".sig", SshPem.Encode(bad, "SSH SIGNATURE"));
                Assert.Throws<ArchiveException>(() => Verify(_public));
            },
            iter: 300, threads: 1);
    }

    [Theory]
    [InlineData("", "it doesn't begin with -----BEGIN SSH SIGNATURE-----")]
    [InlineData("untrusted comment: signature\nRUQ", "it doesn't begin with")]
    [InlineData("-----BEGIN SSH SIGNATURE-----\nU1NIU0lH\n-----END SSH SIGNATURE-----\n", "it is cut off")]
    [InlineData("-----BEGIN SSH SIGNATURE-----\nAAAA\n-----END SSH SIGNATURE-----\n", "it is not an SSH signature")]
    [InlineData("-----BEGIN SSH SIGNATURE-----\n!!\n-----END SSH SIGNATURE-----\n", "")]
    public void Rubbish_is_no_signature(string text, string why)
    {
        _temp.File("archive.tar.sig", text);
        Refused($"its signature {_archive}.sig can't be used: {why}", _public);
    }

    [Theory]
    [InlineData("file", "sha512", 1, "it was made for \"file\", not for \"stasis-archive\"")]
    [InlineData("stasis-archive", "md5", 1, "it is over a hash that isn't understood (md5)")]
    [InlineData("stasis-archive", "sha256", 2, "it is of version 2, which isn't understood")]
    public void Other_signatures_are_told_apart(string purpose, string hash, uint version, string why)
    {
        var key = SshPublicKey.Parse(_public);
        var blob =
            new SshWriter().Raw("SSHSIG"u8).Number(version).String(key.Blob).String(purpose).String("").String(hash).String("").ToArray();
        _temp.File("archive.tar.sig", SshPem.Encode(blob, "SSH SIGNATURE"));
        Refused(why, _public);
    }

    [Fact]
    public void Without_a_signature_it_says_where_it_looked()
    {
        Assert.Contains("sign", Refused($"it isn't signed: there is no {_archive}.sig", _public).Remedy!, StringComparison.Ordinal);
        var error = Assert.Throws<ArchiveException>(() => SignatureCheck.Open("-", null, TrustedSigners.Parse([_public], "the test")));
        Assert.Equal("give it: --signature FILE", error.Remedy);
    }

    [Fact]
    public void A_secret_key_that_others_may_read_is_not_used()
    {
        new FileInfo(_key).UnixFileMode |= UnixFileMode.GroupRead;
        var error = Assert.Throws<StasisException>(Sign);
        Assert.Equal(($"key {_key}: others may read it (mode 0640)", $"chmod 600 {_key}"), (error.Message, error.Remedy?.ToString()));
    }

    [Fact]
    public void A_key_whose_parts_do_not_belong_together_gives_nothing_away()
    {
        var seed = new byte[32];
        var other = Ed25519.PublicKey([.. new byte[31], 1]);
        WriteKey(_key, seed, other, "x");
        Assert.Contains("don't belong together", Assert.Throws<StasisException>(Sign).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_token_s_signature_counts_if_it_was_touched()
    {
        var seed = Enumerable.Repeat((byte)9, 32).ToArray();
        var blob = new SshWriter().String(SshPublicKey.TokenType).String(Ed25519.PublicKey(seed)).String("ssh:").ToArray();
        var key = SshPublicKey.Decode(blob);
        foreach (var flags in (byte[])[0, 1, 5])
        {
            var data = SshSignature.Signed("sha256", Sha256.Compute("some archive"u8));
            byte[] signed = [.. Sha256.Compute("ssh:"u8), flags, 0, 0, 0, 7, .. Sha256.Compute(data)];
            var signature =
                new SshWriter().String(SshPublicKey.TokenType).String(Ed25519.Sign(seed, signed)).Raw([flags, 0, 0, 0, 7]).ToArray();
            Assert.Equal(flags != 0, SshSignature.Create(key, "sha256", signature).IsOf(Sha256.Compute("some archive"u8)));
            Assert.False(SshSignature.Create(key, "sha256", [.. signature, 0]).IsOf(Sha256.Compute("some archive"u8)));
        }
    }

    private string Sign() => ArchiveSigning.Sign(_archive, _key, null, TestContext.Current.CancellationToken);

    private (SshPublicKey Key, string Signer) Verify(params string[] signers) =>
        ArchiveSigning.Verify(_archive, null, TrustedSigners.Parse(signers, "the test"), TestContext.Current.CancellationToken);

    private ArchiveException Refused(string why, params string[] signers)
    {
        var error = Assert.Throws<ArchiveException>(() => Verify(signers));
        Assert.Contains(why, error.Message, StringComparison.Ordinal);
        return error;
    }

    private static string Mode(string path) => (File.GetUnixFileMode(path) & UnixFileMode.OtherRead) != 0 ? "-rw-r--r--" : "";

    private (string Path, string Public) MakeKey(string name)
    {
        var seed = RandomBytes.Get(32);
        var path = Path.Combine(_temp.Path, name);
        WriteKey(path, seed, Ed25519.PublicKey(seed), name);
        return (path, $"{SshPublicKey.FromEd25519(Ed25519.PublicKey(seed))} {name}");
    }

    private static void WriteKey(string path, byte[] seed, byte[] key, string comment)
    {
        var blob = SshPublicKey.FromEd25519(key).Blob;
        var secret =
            new SshWriter().Number(7).Number(7).String("ssh-ed25519").String(key).String([.. seed, .. key]).String(comment).ToArray();
        var content = new SshWriter()
            .Raw(Encoding.ASCII.GetBytes("openssh-key-v1\0"))
            .String("none")
            .String("none")
            .String("")
            .Number(1)
            .String(blob)
            .String(secret)
            .ToArray();
        AtomicFile.Write(path, Encoding.ASCII.GetBytes(SshPem.Encode(content, "OPENSSH PRIVATE KEY")), durable: false);
    }
}
