using System.Text;
using Stasis.Engine.Formats.Age;
using Stasis.Linux.Cryptography;

namespace Stasis.UnitTests.Formats.Age;

/// <summary>Encrypted files, right ones and forged ones.</summary>
internal static class AgeFiles
{
    public static readonly byte[] FileKey = "YELLOW SUBMARINE"u8.ToArray();

    public static byte[] Encrypt(byte[] data, params AgeRecipient[] recipients)
    {
        var target = new MemoryStream();
        using var stream = new AgeWriteStream(target, recipients);
        stream.Write(data);
        stream.End();
        return target.ToArray();
    }

    public static byte[] Decrypt(byte[] data, params AgeIdentity[] identities) => Decrypt(data, 81920, identities);

    public static byte[] Decrypt(byte[] data, int step, params AgeIdentity[] identities)
    {
        using var stream = new AgeReadStream(new MemoryStream(data), identities);
        var target = new MemoryStream();
        stream.CopyTo(target, step);
        return target.ToArray();
    }

    /// <summary>A file whose header has a right authentication code, whatever else is in it.</summary>
    public static byte[] Forge(string header, params (byte[] Data, bool Last)[] chunks)
    {
        var mac = HmacSha256.Compute(HmacSha256.DeriveKey(FileKey, [], "header"u8), Encoding.Latin1.GetBytes(header + "---"));
        return [.. Encoding.Latin1.GetBytes($"{header}--- {Convert.ToBase64String(mac).TrimEnd('=')}\n"), .. Payload(chunks)];
    }

    /// <summary>"age-encryption.org/v1" and a stanza for the recipient.</summary>
    public static string Header(AgeRecipient recipient)
    {
        var text = Encoding.ASCII.GetString(AgeHeader.Write([recipient.Wrap(FileKey)], FileKey));
        return text[..text.IndexOf("---", StringComparison.Ordinal)];
    }

    private static byte[] Payload((byte[] Data, bool Last)[] chunks)
    {
        var salt = new byte[16];
        using var cipher = new ChaCha20Poly1305(AgeKeyDerivation.Payload(FileKey, salt));
        var payload = new List<byte>(salt);
        for (var i = 0; i < chunks.Length; i++)
        {
            var nonce = new byte[12];
            AgePayloadChunk.SetNonce(nonce, i, chunks[i].Last);
            var encrypted = new byte[chunks[i].Data.Length + 16];
            cipher.Encrypt(nonce, chunks[i].Data, encrypted);
            payload.AddRange(encrypted);
        }
        return [.. payload];
    }
}
