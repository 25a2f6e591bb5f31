using System.Buffers.Binary;
using Stasis.UnitTests.Formats.Tar;

namespace Stasis.UnitTests.Fuzz;

/// <summary>Changes bytes as what reads them doesn't expect it. The same seed gives the same input.</summary>
internal sealed class Mutator(Random random, IReadOnlyList<byte[]> seeds)
{
    private const int Longest = 64 << 10;

    private static readonly long[] Numbers =
    [
        0, 1, 7, 127, 128, 255, 256, 511, 512, 513, 32767, 32768, 65535, 65536, int.MaxValue, 1L << 31, uint.MaxValue,
        long.MaxValue, long.MinValue, -1,
    ];

    /// <summary>An input: one of the seeds, with some changes.</summary>
    public byte[] Next()
    {
        var bytes = seeds[random.Next(seeds.Count)];
        for (var changes = 1 + random.Next(6); changes > 0; changes--)
            bytes = bytes.Length == 0 ? [(byte)random.Next(256)] : Change(bytes);
        return bytes.Length > Longest ? bytes[..Longest] : bytes;
    }

    private byte[] Change(byte[] before)
    {
        var bytes = (byte[])before.Clone();
        var at = random.Next(bytes.Length);
        switch (random.Next(10))
        {
            case 0:
                bytes[at] ^= (byte)(1 << random.Next(8));
                return bytes;
            case 1:
                bytes[at] = (byte)random.Next(256);
                return bytes;
            case 2:
                return [.. bytes.AsSpan(0, at), .. Piece(bytes), .. bytes.AsSpan(at)];
            case 3:
                return [.. bytes.AsSpan(0, at), .. bytes.AsSpan(Math.Min(bytes.Length, at + 1 + random.Next(700)))];
            case 4:
                return bytes[..at];
            case 5:
                var other = seeds[random.Next(seeds.Count)];
                return [.. bytes.AsSpan(0, at), .. other.AsSpan(Math.Min(other.Length, at))];
            case 6:
                WriteNumber(bytes.AsSpan(at));
                return bytes;
            case 7:
                Piece(bytes).AsSpan(0, 1).CopyTo(bytes.AsSpan(at));
                return bytes;
            case 8:
                bytes.AsSpan(at, Math.Min(bytes.Length - at, 1 + random.Next(16))).Fill((byte)"\0 07/.9\u00ff"[random.Next(8)]);
                return bytes;
            default:
                // A tar's header is read only if its checksum is right.
                for (var block = 0; block + 512 <= bytes.Length; block += 512)
                {
                    if (bytes.AsSpan(block + 257).StartsWith("ustar"u8))
                        Tars.Seal(bytes.AsSpan(block, 512));
                }

                return bytes;
        }
    }

    private byte[] Piece(byte[] bytes)
    {
        var at = random.Next(bytes.Length);
        return bytes[at..Math.Min(bytes.Length, at + 1 + random.Next(random.Next(2) == 0 ? 8 : 1024))];
    }

    private void WriteNumber(Span<byte> target)
    {
        Span<byte> number = stackalloc byte[8];
        var value = Numbers[random.Next(Numbers.Length)] + random.Next(-1, 2);
        if (random.Next(2) == 0)
            BinaryPrimitives.WriteInt64LittleEndian(number, value);
        else
            BinaryPrimitives.WriteInt64BigEndian(number, value);
        var count = Math.Min(target.Length, 1 << random.Next(4));
        number[..count].CopyTo(target);
    }
}
