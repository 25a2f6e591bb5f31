using System.Buffers.Text;
using System.Text;

namespace Stasis.Engine.Formats.Tar;

/// <summary>Maps of sparse files, which say where data is, in GNU tar's four formats (GNU tar manual, "Storing Sparse Files").</summary>
internal static class SparseMap
{
    /// <summary>
    /// Reads GNU's old format: pairs of numbers in the header, and in the blocks after it as long as a flag
    /// announces another one.
    /// </summary>
    public static List<TarExtent> ReadOldGnu(ReadOnlySpan<byte> header, TarInput input, int maximumBytes)
    {
        var map = new List<TarExtent>();
        AddPairs(map, header[TarHeader.GnuSparse]);
        Span<byte> block = stackalloc byte[TarHeader.Block];
        for (var more = header[TarHeader.GnuIsExtended] != 0; more; more = block[TarHeader.GnuExtendedIsExtended] != 0)
        {
            if ((maximumBytes -= TarHeader.Block) < 0)
                throw new FormatException("sparse map too long");
            if (input.ReadFully(block) < block.Length)
                throw new FormatException("ends within a sparse map");
            AddPairs(map, block[TarHeader.GnuExtendedSparse]);
        }

        return map;
    }

    /// <summary>Reads formats 0.0 and 0.1: numbers from the pax header.</summary>
    public static List<TarExtent> FromNumbers(List<long> numbers)
    {
        if (numbers.Count % 2 != 0)
            throw new FormatException("sparse map with an odd number of numbers");
        var map = new List<TarExtent>(numbers.Count / 2);
        for (var i = 0; i < numbers.Count; i += 2)
            map.Add(new TarExtent(numbers[i], numbers[i + 1]));
        return map;
    }

    /// <summary>
    /// Reads format 1.0: decimal numbers, one a line, in blocks before the data. Subtracts their length from
    /// <paramref name="stored"/>.
    /// </summary>
    public static List<TarExtent> Read10(TarInput input, ref long stored, int maximumBytes)
    {
        var block = new byte[TarHeader.Block];
        var at = block.Length;
        var count = NextNumber(input, block, ref at, ref stored, ref maximumBytes);
        var map = new List<TarExtent>();
        for (long i = 0; i < count; i++)
        {
            var offset = NextNumber(input, block, ref at, ref stored, ref maximumBytes);
            map.Add(new TarExtent(offset, NextNumber(input, block, ref at, ref stored, ref maximumBytes)));
        }

        return map;
    }

    /// <summary>
    /// Writes a map of format 1.0, padded to blocks. An empty extent closes a hole at the end; without it,
    /// GNU tar makes the file too short.
    /// </summary>
    public static byte[] Write10(IReadOnlyList<TarExtent> map, long size)
    {
        if (map.Count == 0 || map[^1].End < size)
            map = [.. map, new TarExtent(size, 0)];
        var text = new StringBuilder().Append(map.Count).Append('\n');
        foreach (var extent in map)
            text.Append(extent.Offset).Append('\n').Append(extent.Length).Append('\n');
        var bytes = new byte[TarHeader.Padded(text.Length)];
        Encoding.ASCII.GetBytes(text.ToString(), bytes);
        return bytes;
    }

    /// <summary>Requires that extents ascend, lie within the file, and are together as long as the stored data.</summary>
    public static void Check(List<TarExtent> map, long size, long stored)
    {
        long end = 0, sum = 0;
        foreach (var extent in map)
        {
            if (extent.Offset < end || extent.Length < 0 || extent.Length > size || extent.Offset > size - extent.Length)
                throw new FormatException("sparse map out of order or beyond the file's end");
            end = extent.End;
            sum += extent.Length;
        }

        if (sum != stored)
            throw new FormatException($"sparse map of {sum} bytes for {stored} stored");
    }

    private static void AddPairs(List<TarExtent> map, ReadOnlySpan<byte> pairs)
    {
        for (; pairs.Length >= 24; pairs = pairs[24..])
        {
            if (pairs[0] == 0)
                return;
            if (TarHeader.Number(pairs[..12]) is not { } offset || TarHeader.Number(pairs[12..24]) is not { } length)
                throw new FormatException("sparse map is not made of numbers");
            map.Add(new TarExtent(offset, length));
        }
    }

    private static long NextNumber(TarInput input, byte[] block, ref int at, ref long stored, ref int maximumBytes)
    {
        Span<byte> digits = stackalloc byte[20];
        for (var length = 0; ; length++)
        {
            if (at == block.Length)
            {
                if ((maximumBytes -= block.Length) < 0 || (stored -= block.Length) < 0)
                    throw new FormatException("sparse map too long");
                if (input.ReadFully(block) < block.Length)
                    throw new FormatException("ends within a sparse map");
                at = 0;
            }

            var digit = block[at++];
            if (digit == '\n' && length > 0 && Utf8Parser.TryParse(digits[..length], out long number, out var used) && used == length)
                return number;
            if (digit is < (byte)'0' or > (byte)'9' || length == digits.Length)
                throw new FormatException("sparse map is not made of numbers");
            digits[length] = digit;
        }
    }
}
