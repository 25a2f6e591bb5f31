using System.Text;
using CsCheck;
using Stasis.Engine.Errors;
using Stasis.Engine.Formats.Age;
using Stasis.Engine.Formats.Ssh;
using Stasis.Linux.Cryptography;
using Stasis.UnitTests.Formats.Age;
using Xunit;

namespace Stasis.UnitTests.Archive;

/// <summary>Whatever is in a header, a signature or a key: it is taken or refused in words, never anything else.</summary>
public sealed class StrangeKeysTests
{
    private static readonly AgeIdentity Alice = AgeIdentity.Generate();
    private static readonly string Header = Encoding.ASCII.GetString(AgeFiles.Encrypt([1, 2, 3], Alice.Recipient));
    private static readonly SshPublicKey Key = SshPublicKey.FromEd25519(Ed25519.PublicKey(new byte[32]));
    private static readonly string Signature =
        SshSignature.Create(Key, "sha256", new SshWriter().String("ssh-ed25519").String(new byte[64]).ToArray()).ToString();

    // Bytes that are put in, taken out or changed.
    private static readonly Gen<(int At, int Out, string In)[]> Edits =
        Gen.Select(Gen.Int[0, 400], Gen.Int[0, 5], Gen.String[Gen.Char["\n -=>+/1aAzZ0\r\"\u00ff"], 0, 5]).Array[1, 4];

    [Fact]
    public void Age_headers() => Edits.Sample(
        edits =>
        {
            try
            {
                AgeFiles.Decrypt(Encoding.Latin1.GetBytes(Edit(Header, edits)), Alice);
            }
            catch (AgeException)
            {
            }
        },
        iter: 3000);

    [Fact]
    public void Signatures() => Edits.Sample(
        edits =>
        {
            try
            {
                Assert.False(SshSignature.Parse(Edit(Signature, edits)).IsOf(new byte[32]));
            }
            catch (FormatException)
            {
            }
        },
        iter: 3000);

    [Fact]
    public void Signers_keys() => Edits.Sample(
        edits =>
        {
            try
            {
                TrustedSigners.Parse(
                    Edit($"alice namespaces=\"stasis-archive\",valid-before=\"29990101\" {Key} alice", edits).Split('\n'), "x");
            }
            catch (StasisException)
            {
            }
        },
        iter: 3000);

    [Fact]
    public void Random_bytes_as_SSH_encodes_them() => Gen.Byte.Array[0, 200].Sample(
        bytes =>
        {
            Assert.False(Key.Verifies([], bytes));
            Assert.Throws<FormatException>(() => SshPublicKey.Decode(bytes));
        },
        iter: 3000);

    private static string Edit(string text, (int At, int Out, string In)[] edits)
    {
        foreach (var (at, remove, insert) in edits)
        {
            var start = at % (text.Length + 1);
            text = text[..start] + insert + text[Math.Min(text.Length, start + remove)..];
        }
        return text;
    }
}
