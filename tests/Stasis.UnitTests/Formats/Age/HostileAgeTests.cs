using System.Text;
using CsCheck;
using Stasis.Engine.Formats.Age;
using Xunit;

namespace Stasis.UnitTests.Formats.Age;

/// <summary>What age's own test kit (C2SP, CCTV) tries, and more; each is refused with a reason and the offset.</summary>
public sealed class HostileAgeTests
{
    private const int Chunk = 65536 + 16;
    private static readonly AgeIdentity Alice = AgeIdentity.Generate();
    private static readonly string Header = AgeFiles.Header(Alice.Recipient);
    private static readonly byte[] Big = AgeTests.Sample(200_000);

    [Fact]
    public void The_forger_can_write_right_ones() =>
        Assert.Equal("ok"u8.ToArray(), AgeFiles.Decrypt(AgeFiles.Forge(Header, ("ok"u8.ToArray(), true)), Alice));

    [Fact]
    public void Other_identities_cannot_decrypt()
    {
        var file = AgeFiles.Encrypt([1, 2, 3], Alice.Recipient);
        var error = Refused(file, "none of the given identities can decrypt it", AgeIdentity.Generate());
        Assert.Equal("give the identity that it is encrypted to: --identity FILE", error.Remedy);
        Refused(file, "it is encrypted, and no identity was given");
    }

    [Theory]
    [InlineData("age-encryption.org/v1", "age-encryption.org/v2", "the first line is not \"age-encryption.org/v1\"")]
    [InlineData("v1\n", "v1\r\n", "the header has a byte that is not printable ASCII")]
    [InlineData("v1\n", "v1\n\n", "neither a recipient's stanza nor the header's end")]
    [InlineData("-> X25519 ", "->X25519 ", "neither a recipient's stanza nor the header's end")]
    [InlineData("-> X25519 ", "-> X25519  ", "a recipient's stanza with an empty argument")]
    [InlineData("-> X25519 ", "-> X25519 a ", "an X25519 stanza whose argument is not a public key")]
    [InlineData("-> X25519 ", "-> X25519 A", "an X25519 stanza whose argument is not a public key")]
    [InlineData("-> X25519 ", "-> x25519 ", "it is encrypted to recipients of a kind that isn't understood (x25519)")]
    [InlineData("-> X25519 ", "-> \u00e9 ", "the header has a byte that is not printable ASCII")]
    [InlineData("-> X25519 ", "-> scrypt AAAA 10\nAAAA\n-> X25519 ", "a passphrase's stanza must be the only one")]
    [InlineData("-> X25519 ", "-> grease\n\n-> X25519 ", null)]
    [InlineData("-> X25519 ", "-> grease\nAAAB\n-> X25519 ", null)]
    [InlineData("-> X25519 ", "-> grease\nAAAB=\n-> X25519 ", "the body of a recipient's stanza is not Base64")]
    [InlineData("-> X25519 ", "-> grease\nAB\n-> X25519 ", "the body of a recipient's stanza is not Base64")] // bits that are left over
    [InlineData("-> X25519 ", "-> grease\nAAA A\n-> X25519 ", "the body of a recipient's stanza is not Base64")]
    [InlineData("-> X25519 ", "-> grease\n-> X25519 ", "the body of a recipient's stanza is not Base64")] // no body
    public void A_header_is_of_its_form_or_refused(string part, string by, string? why)
    {
        var file = AgeFiles.Forge(Header.Replace(part, by, StringComparison.Ordinal), ([7], true));
        if (why is null)
            Assert.Equal([7], AgeFiles.Decrypt(file, Alice));
        else
            Refused(file, why, Alice);
    }

    [Fact]
    public void A_line_that_is_full_is_followed_by_another()
    {
        var full = new string('A', 64);
        Refused(
            AgeFiles.Forge(Header.Replace("-> X25519", $"-> grease\n{full}\n-> X25519", StringComparison.Ordinal), ([7], true)),
            "the body of a recipient's stanza is not Base64",
            Alice);
        Refused(
            AgeFiles.Forge(Header.Replace("-> X25519", $"-> grease\n{full}AAAA\n-> X25519", StringComparison.Ordinal), ([7], true)),
            "the body of a recipient's stanza is not Base64",
            Alice);
        Assert.Equal([7], AgeFiles.Decrypt(
            AgeFiles.Forge(Header.Replace("-> X25519", $"-> grease\n{full}\n\n-> X25519", StringComparison.Ordinal), ([7], true)), Alice));
    }

    [Fact]
    public void A_file_key_is_of_its_length()
    {
        var wrapped = Alice.Recipient.Wrap(new byte[17]);
        var header = Encoding.ASCII.GetString(AgeHeader.Write([wrapped], AgeFiles.FileKey));
        Refused(
            AgeFiles.Forge(header[..header.IndexOf("---", StringComparison.Ordinal)], ([7], true)),
            "an X25519 stanza whose body has 33 bytes",
            Alice);
    }

    [Fact]
    public void A_share_of_low_order_is_refused()
    {
        var header = $"age-encryption.org/v1\n-> X25519 {new string('A', 43)}\n{new string('A', 43)}\n";
        Refused(AgeFiles.Forge(header, ([7], true)), "an X25519 stanza with a public key of low order", Alice);
    }

    [Fact]
    public void A_header_that_was_tampered_with_is_noticed()
    {
        // Another recipient is put in: the file key is right, the header isn't the one that was written.
        var file = Encoding.Latin1.GetString(AgeFiles.Forge(Header, ([7], true)));
        Refused(
            Encoding.Latin1.GetBytes(file.Replace("-> X25519", "-> grease\n\n-> X25519", StringComparison.Ordinal)),
            "the header's authentication code is wrong",
            Alice);
        var mac = file.IndexOf("--- ", StringComparison.Ordinal) + 4;
        Refused(
            Encoding.Latin1.GetBytes(file[..mac] + (file[mac] == 'A' ? 'B' : 'A') + file[(mac + 1)..]),
            "the header's authentication code is wrong",
            Alice);
        Refused(Encoding.Latin1.GetBytes(file[..mac] + "AAAA" + file[(mac + 43)..]), "the header's end has no authentication code", Alice);
    }

    [Fact]
    public void Nobody_is_no_recipient() =>
        Refused(AgeFiles.Forge("age-encryption.org/v1\n", ([7], true)), "it is encrypted to nobody", Alice);

    [Fact]
    public void A_header_without_end_takes_no_memory() =>
        Refused(
            [.. "age-encryption.org/v1\n-> "u8, .. new byte[300_000].Select(_ => (byte)'a')],
            "the header is longer than 262144 bytes",
            Alice);

    [Fact]
    public void Cut_anywhere_it_is_an_error_that_says_where()
    {
        var file = AgeFiles.Encrypt(Big, Alice.Recipient);
        Gen.Int[0, file.Length - 1].Sample(
            length => Assert.InRange(Assert.Throws<AgeException>(() => AgeFiles.Decrypt(file[..length], Alice)).Offset, 0, length),
            iter: 200);
        // At the end of a chunk too.
        var payload = file.Length - 200_000 - (4 * 16);
        foreach (var chunks in (int[])[0, 1, 2, 3])
            Assert.Equal(
                payload + (chunks * Chunk),
                Refused(file[..(payload + (chunks * Chunk))], "it ends before its last chunk: truncated", Alice).Offset);
    }

    [Fact]
    public void A_flipped_bit_is_an_error()
    {
        var file = AgeFiles.Encrypt(Big, Alice.Recipient);
        Gen.Int[0, (file.Length * 8) - 1].Sample(
            bit =>
            {
                var damaged = file.ToArray();
                damaged[bit / 8] ^= (byte)(1 << (bit % 8));
                Assert.Throws<AgeException>(() => AgeFiles.Decrypt(damaged, Alice));
            },
            iter: 200);
    }

    [Fact]
    public void Chunks_are_in_their_places()
    {
        var file = AgeFiles.Encrypt(Big, Alice.Recipient);
        var payload = file.Length - 200_000 - (4 * 16);
        byte[] Take(int chunk) => file[(payload + (chunk * Chunk))..Math.Min(file.Length, payload + ((chunk + 1) * Chunk))];
        var error = Refused(
            [.. file[..payload], .. Take(1), .. Take(0), .. Take(2), .. Take(3)],
            "chunk 0 is damaged, was tampered with, or is not in its place",
            Alice);
        Assert.Equal(payload, error.Offset);
        error = Refused([.. file[..payload], .. Take(0), .. Take(0), .. Take(2), .. Take(3)], "chunk 1 is damaged", Alice);
        Assert.Equal(payload + Chunk, error.Offset);
        Refused([.. file[..payload], .. Take(0), .. Take(2), .. Take(3)], "chunk 1 is damaged", Alice);
    }

    [Fact]
    public void Data_after_the_last_chunk_is_refused()
    {
        var full = (byte[])[.. AgeTests.Sample(65536)];
        var file = AgeFiles.Forge(Header, (full, true));
        Assert.Equal(file.Length, Refused([.. file, 1], "data follows the last chunk", Alice).Offset);
        Assert.Equal(file.Length, Refused([.. file, .. new byte[100_000]], "data follows the last chunk", Alice).Offset);
        Refused([.. AgeFiles.Forge(Header, ([1], true)), 1], "chunk 0 is damaged", Alice);
        Refused(AgeFiles.Forge(Header, (full, true), ([1], true)), "data follows the last chunk", Alice);
    }

    [Fact]
    public void Only_an_empty_file_s_last_chunk_is_empty()
    {
        Assert.Empty(AgeFiles.Decrypt(AgeFiles.Forge(Header, ([], true)), Alice));
        Refused(AgeFiles.Forge(Header, (AgeTests.Sample(65536), false), ([], true)), "its last chunk is empty", Alice);
    }

    [Fact]
    public void Not_a_byte_is_given_out_of_a_chunk_that_is_not_authentic()
    {
        var file = AgeFiles.Encrypt(Big, Alice.Recipient);
        file[^100] ^= 1;
        using var stream = new AgeReadStream(new MemoryStream(file), [Alice]);
        var read = new byte[Big.Length];
        stream.ReadExactly(read, 0, 3 * 65536);
        Assert.Throws<AgeException>(() => stream.Read(read, 3 * 65536, 1));
        Assert.Throws<AgeException>(() => stream.Read(read, 3 * 65536, 1));
        Assert.Equal(0, read[3 * 65536]);
    }

    private static AgeException Refused(byte[] file, string why, params AgeIdentity[] identities)
    {
        var error = Assert.Throws<AgeException>(() => AgeFiles.Decrypt(file, identities));
        Assert.Contains($"age data, offset {error.Offset}: {why}", error.Message, StringComparison.Ordinal);
        return error;
    }
}
