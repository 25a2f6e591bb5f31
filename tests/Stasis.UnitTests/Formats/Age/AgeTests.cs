using System.Text;
using CsCheck;
using Stasis.Engine.Errors;
using Stasis.Engine.Formats.Age;
using Xunit;

namespace Stasis.UnitTests.Formats.Age;

public sealed class AgeTests
{
    private static readonly AgeIdentity Alice =
        AgeIdentity.TryParse("AGE-SECRET-KEY-1GQ9778VQXMMJVE8SK7J6VT8UJ4HDQAJUVSFCWCM02D8GEWQ72PVQ2Y5J33")!;
    private static readonly AgeIdentity Bob = AgeIdentity.Generate();

    [Fact]
    public void A_secret_key_has_its_public_one()
    {
        Assert.Equal("age1t7rxyev2z3rw82stdlrrepyc39nvn86l5078zqkf5uasdy86jp6svpy7pa", Alice.Recipient.ToString());
        Assert.Equal("AGE-SECRET-KEY-1GQ9778VQXMMJVE8SK7J6VT8UJ4HDQAJUVSFCWCM02D8GEWQ72PVQ2Y5J33", Alice.Export());
        Assert.Equal(Alice.Recipient.ToString(), AgeRecipient.Parse(Alice.Recipient.ToString()).ToString());
    }

    [Theory]
    [InlineData("age1t7rxyev2z3rw82stdlrrepyc39nvn86l5078zqkf5uasdy86jp6svpy7pb", "not a recipient")]
    [InlineData("AGE1T7RXYEV2Z3RW82STDLRREPYC39NVN86L5078ZQKF5UASDY86JP6SVPY7PA", "not a recipient")]
    [InlineData("age1", "not a recipient")]
    [InlineData("ssh-ed25519 AAAA", "not a recipient")]
    public void Malformed_recipients_are_refused(string text, string why) =>
        Assert.Contains(why, Assert.Throws<StasisException>(() => AgeRecipient.Parse(text)).Message, StringComparison.Ordinal);

    [Fact]
    public void A_secret_key_given_as_recipient_is_not_shown()
    {
        var error = Assert.Throws<StasisException>(() => AgeRecipient.Parse(Bob.Export()));
        Assert.Equal("a secret key was given as a recipient", error.Message);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(65535)]
    [InlineData(65536)]
    [InlineData(65537)]
    [InlineData(131071)]
    [InlineData(131072)]
    [InlineData(131073)]
    [InlineData(1_000_000)]
    public void Encrypted_data_is_decrypted(int size)
    {
        var data = Sample(size);
        var encrypted = AgeFiles.Encrypt(data, Alice.Recipient, Bob.Recipient);
        Assert.Equal(data, AgeFiles.Decrypt(encrypted, Alice));
        Assert.Equal(data, AgeFiles.Decrypt(encrypted, Bob));
        // The header, a nonce of 16, and a tag of 16 for each chunk; an empty file has one too.
        var header = Encoding.ASCII.GetString(encrypted).IndexOf("\n---", StringComparison.Ordinal) + 49;
        Assert.Equal(header + 16 + size + (16 * Math.Max(1, (size + 65535) / 65536)), encrypted.Length);
    }

    [Fact]
    public void Written_and_read_in_whatever_pieces_it_is_the_same() =>
        Gen.Select(Gen.Int[0, 300_000], Gen.Int[1, 100_000], Gen.Int[1, 100_000]).Sample(
        (size, write, read) =>
        {
            var data = Sample(size);
            var target = new MemoryStream();
            using (var stream = new AgeWriteStream(target, [Bob.Recipient]))
            {
                for (var at = 0; at < size; at += write)
                {
                    stream.Write(data, at, Math.Min(write, size - at));
                    stream.Flush();
                }
                stream.End();
            }
            return AgeFiles.Decrypt(target.ToArray(), read, Bob).AsSpan().SequenceEqual(data);
        },
        iter: 60);

    [Fact]
    public void Encryption_differs_each_time() =>
        Assert.NotEqual(AgeFiles.Encrypt([1], Bob.Recipient), AgeFiles.Encrypt([1], Bob.Recipient));

    [Fact]
    public void Without_its_end_it_is_known_to_be_truncated()
    {
        var target = new MemoryStream();
        using (var stream = new AgeWriteStream(target, [Bob.Recipient]))
            stream.Write(Sample(200_000));
        Assert.Contains(
            "truncated", Assert.Throws<AgeException>(() => AgeFiles.Decrypt(target.ToArray(), Bob)).Message, StringComparison.Ordinal);
    }

    internal static byte[] Sample(int size) => [.. Enumerable.Range(0, size).Select(i => (byte)(i * i >> 7))];
}
