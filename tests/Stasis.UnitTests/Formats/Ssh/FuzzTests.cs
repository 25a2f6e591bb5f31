using System.Text;
using Stasis.Engine.Errors;
using Stasis.Engine.Formats.Ssh;
using Stasis.Linux.Cryptography;
using Stasis.UnitTests.Fuzz;
using Xunit;

namespace Stasis.UnitTests.Formats.Ssh;

/// <summary>Whatever is in signatures and files of keys: it is taken or refused, and never taken for a signature of other bytes.</summary>
public sealed class FuzzTests : IDisposable
{
    private static readonly byte[] Seed = [.. Enumerable.Range(1, 32).Select(i => (byte)i)];
    private static readonly SshPublicKey Key = SshPublicKey.FromEd25519(Ed25519.PublicKey(Seed));

    private readonly TempDirectory _temp = new();

    public void Dispose() => _temp.Dispose();

    /// <summary>What is between the lines of a signature: encoded again, since nearly all changes would else be no Base64.</summary>
    [Fact]
    public void Signatures() => Fuzzer.Run(
        [SshPem.Decode(Sign("archive"u8).ToString(), "SSH SIGNATURE")],
        input =>
        {
            try
            {
                var signature = SshSignature.Parse(SshPem.Encode(input, "SSH SIGNATURE"));
                Assert.False(signature.IsOf(Sha256.Compute("another"u8)));
                return signature.IsOf(Sha256.Compute("archive"u8));
            }
            catch (FormatException)
            {
                return false;
            }
        });

    [Fact]
    public void Signature_files() => Fuzzer.Run(
        [Encoding.ASCII.GetBytes(Sign("archive"u8).ToString())],
        input =>
        {
            try
            {
                return SshSignature.Parse(Encoding.UTF8.GetString(input)).IsOf(Sha256.Compute("archive"u8));
            }
            catch (FormatException)
            {
                return false;
            }
        });

    [Fact]
    public void Signers_files() => Fuzzer.Run(
        [
            .. ((string[])
            [
                $"{Key} alice\n",
                $"alice@example.com {Key}\n# nobody\n\nbob namespaces=\"stasis-archive,file\",valid-before=\"20990101\" {Key}\n",
                $"* cert-authority {Key}\n{Key}",
                $"carol valid-after=\"202001021530Z\",namespaces=\"*,!git\" {Key}\nssh-rsa AAAAB3NzaC1yc2E dave\n",
            ]).Select(Encoding.ASCII.GetBytes),
        ],
        input => IsRead(input, file => TrustedSigners.Read(file)));

    [Fact]
    public void Keys_that_sign() => Fuzzer.Run(
        [Encoding.ASCII.GetBytes(SshPem.Encode(Secret, "OPENSSH PRIVATE KEY")), Encoding.ASCII.GetBytes($"{Key} alice\n")],
        input => IsRead(input, file => SshSigner.Open(file)));

    /// <summary>As above, of what is between the lines.</summary>
    [Fact]
    public void Secret_keys() => Fuzzer.Run(
        [Secret], input => IsRead(Encoding.ASCII.GetBytes(SshPem.Encode(input, "OPENSSH PRIVATE KEY")), file => SshSigner.Open(file)));

    // OpenSSH's PROTOCOL.key.
    private static byte[] Secret
    {
        get
        {
            var pair = Ed25519.PublicKey(Seed);
            var secret = new SshWriter()
                .Number(7)
                .Number(7)
                .String(SshPublicKey.Ed25519Type)
                .String(pair)
                .String([.. Seed, .. pair])
                .String("alice")
                .Raw([1, 2, 3])
                .ToArray();
            return new SshWriter()
                .Raw("openssh-key-v1\0"u8)
                .String("none")
                .String("none")
                .String("")
                .Number(1)
                .String(Key.Blob)
                .String(secret)
                .ToArray();
        }
    }

    private static SshSignature Sign(ReadOnlySpan<byte> data) => SshSignature.Create(
        Key, SshSignature.Sha256, new SshWriter()
            .String(Key.Type)
            .String(Ed25519.Sign(Seed, SshSignature.Signed(SshSignature.Sha256, Sha256.Compute(data))))
            .ToArray());

    private bool IsRead(byte[] input, Action<string> read)
    {
        var file = Path.Combine(_temp.Path, "keys");
        File.WriteAllBytes(file, input);
        File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        try
        {
            read(file);
            return true;
        }
        catch (StasisException)
        {
            return false;
        }
    }
}
