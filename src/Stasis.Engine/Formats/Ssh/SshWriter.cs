using System.Buffers.Binary;
using System.Text;

namespace Stasis.Engine.Formats.Ssh;

/// <summary>Writes values in SSH's encoding (RFC 4251, section 5).</summary>
internal sealed class SshWriter
{
    private readonly List<byte> _bytes = [];

    public SshWriter Raw(ReadOnlySpan<byte> bytes)
    {
        _bytes.AddRange(bytes);
        return this;
    }

    public SshWriter Number(uint value)
    {
        Span<byte> bytes = stackalloc byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(bytes, value);
        return Raw(bytes);
    }

    public SshWriter String(ReadOnlySpan<byte> bytes) => Number((uint)bytes.Length).Raw(bytes);

    public SshWriter String(string text) => String(Encoding.UTF8.GetBytes(text));

    public byte[] ToArray() => [.. _bytes];
}
