using System.Text;

namespace Stasis.Linux.Files;

/// <summary>A name or path as Linux has it: any bytes. Strings are converted to UTF-8.</summary>
public readonly ref struct PathName
{
    private PathName(ReadOnlySpan<byte> bytes) => Bytes = bytes;

    /// <summary>The bytes, without a terminating zero.</summary>
    public ReadOnlySpan<byte> Bytes { get; }

    /// <summary>From bytes.</summary>
    public static implicit operator PathName(ReadOnlySpan<byte> bytes) => new(bytes);

    /// <summary>From bytes.</summary>
    public static implicit operator PathName(byte[] bytes) => new(bytes);

    /// <summary>From text.</summary>
    public static implicit operator PathName(string text) => new(Encoding.UTF8.GetBytes(text));

    /// <summary>For messages.</summary>
    public override string ToString() => Encoding.UTF8.GetString(Bytes);
}
