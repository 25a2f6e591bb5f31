using System.Globalization;
using System.Text;
using Stasis.Engine.Criu.Images;

namespace Stasis.Tests.Mutations;

/// <summary>Values of a field's type that break those who don't expect them.</summary>
internal static class NastyValues
{
    private const int VeryLong = 5000; // longer than any path

    private static readonly string[] Texts = ["", "/", "../x", "/proc/self/exe", "/proc/1/root/etc/passwd"];

    /// <summary>The values, with what they are called; none of them is the current one.</summary>
    /// <param name="field">The field, of any type but a message.</param>
    /// <param name="current">The current value: ulong or byte[]; null if the field is absent.</param>
    public static IEnumerable<(string Name, object Value)> Create(ImageField field, object? current) => field.Kind switch
    {
        ImageFieldKind.Str or ImageFieldKind.Bytes => CreateTexts((byte[]?)current).DistinctBy(value => value.Name),
        ImageFieldKind.Bool => current is ulong flag ? [Number(1 - flag)] : [Number(0), Number(1)],
        _ => CreateNumbers(field.Kind, (ulong?)current ?? 0).Distinct().Where(number => !number.Equals(current)).Select(Number),
    };

    private static IEnumerable<ulong> CreateNumbers(ImageFieldKind kind, ulong current) => kind switch
    {
        ImageFieldKind.U32 => [0, 1, int.MaxValue, 1U << 31, uint.MaxValue, (uint)(current + 1), (uint)(current - 1)],
        ImageFieldKind.Enum => [0, 1, 2, 99, int.MaxValue, uint.MaxValue, (uint)(current + 1), (uint)(current - 1)],
        ImageFieldKind.U64 or ImageFieldKind.F64 =>
            [0, 1, uint.MaxValue, long.MaxValue, 1UL << 63, ulong.MaxValue, current + 1, current - 1, current + 4096],
        ImageFieldKind.I32 => new[] { 0, 1, -1, int.MinValue, int.MaxValue, (int)current + 1, (int)current - 1 }
            .Select(number => (ulong)number),
        ImageFieldKind.I64 => new[] { 0, 1, -1, long.MinValue, long.MaxValue, (long)current + 1, (long)current - 1 }
            .Select(number => (ulong)number),
        ImageFieldKind.S32 => new[] { 0, 1, -1, int.MinValue, int.MaxValue, Decode(current) + 1, Decode(current) - 1 }
            .Select(number => (ulong)(uint)Encode((int)number)),
        ImageFieldKind.S64 => new[] { 0, 1, -1, long.MinValue, long.MaxValue, Decode(current) + 1, Decode(current) - 1 }
            .Select(Encode),
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, "no scalar"),
    };

    private static IEnumerable<(string Name, object Value)> CreateTexts(byte[]? current)
    {
        foreach (var text in Texts.Where(text => current is null || !current.AsSpan().SequenceEqual(Encoding.UTF8.GetBytes(text))))
            yield return ($"\"{text}\"", Encoding.UTF8.GetBytes(text));
        yield return ("very long", Encoding.ASCII.GetBytes("/" + new string('a', VeryLong)));
        if (current is null)
            yield break;
        yield return ("with an x more", (byte[])[.. current, (byte)'x']);
        if (current.Length > 0)
            yield return ("a byte shorter", current[..^1]);
        if (current.Length > 8)
            yield return ("eight zero bytes, then as it was", (byte[])[.. new byte[8], .. current[8..]]);
    }

    private static (string Name, object Value) Number(ulong value) => (value.ToString(CultureInfo.InvariantCulture), value);

    // Protobuf's zigzag form.
    private static ulong Encode(long number) => (ulong)((number << 1) ^ (number >> 63));

    private static ulong Encode(int number) => (uint)((number << 1) ^ (number >> 31));

    private static long Decode(ulong value) => (long)(value >> 1) ^ -(long)(value & 1);
}
