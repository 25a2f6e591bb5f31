using System.Globalization;

namespace Stasis.Engine.Vetting.Images.Files;

/// <summary>The size of a tmpfs among its mount options: size=64m (tmpfs(5)).</summary>
internal static class TmpfsSizeOption
{
    private const string Option = "size=";

    /// <summary>The size in bytes of a tmpfs without the option: half of the machine's memory.</summary>
    public static long Default => GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / 2;

    /// <summary>The size in bytes; null if there is none, or it is a share of the machine's memory.</summary>
    public static long? Parse(IEnumerable<string> options)
    {
        var size = options.LastOrDefault(option => option.StartsWith(Option, StringComparison.Ordinal))?[Option.Length..] ?? "";
        var unit =
            size.Length > 0 ? char.ToLowerInvariant(size[^1]) switch { 'k' => 1L << 10, 'm' => 1L << 20, 'g' => 1L << 30, _ => 1L } : 1L;
        return long.TryParse(unit == 1 ? size : size[..^1], NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            && number > 0 && number <= long.MaxValue / unit ? number * unit : null;
    }
}
