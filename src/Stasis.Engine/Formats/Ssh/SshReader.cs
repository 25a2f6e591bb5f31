using System.Buffers.Binary;
using System.Text;

namespace Stasis.Engine.Formats.Ssh;

/// <summary>Reads values in SSH's encoding (RFC 4251, section 5). Throws <see cref="FormatException"/> at the end of the data.</summary>
internal ref struct SshReader(ReadOnlySpan<byte> data)
{
    private ReadOnlySpan<byte> _rest = data;

    public readonly bool AtEnd => _rest.IsEmpty;

    public readonly ReadOnlySpan<byte> Rest => _rest;

    public ReadOnlySpan<byte> Bytes(int count)
    {
        if (count > _rest.Length)
            throw new FormatException("it is cut off");
        var bytes = _rest[..count];
        _rest = _rest[count..];
        return bytes;
    }

    public uint Number() => BinaryPrimitives.ReadUInt32BigEndian(Bytes(4));

    /// <summary>Reads a length, and as many bytes.</summary>
    public ReadOnlySpan<byte> String() =>
        Number() is var length && length <= int.MaxValue ? Bytes((int)length) : throw new FormatException("it is cut off");

    public string Text() => Encoding.UTF8.GetString(String());

    public void Require(ReadOnlySpan<byte> magic, string why)
    {
        if (!_rest.StartsWith(magic))
            throw new FormatException(why);
        _rest = _rest[magic.Length..];
    }
}
