using System.Text;

namespace Stasis.Engine.Formats.Age;

/// <summary>Reads the lines of a header: printable ASCII, each ended by a line feed.</summary>
internal sealed class AgeLines(Stream source, int limit)
{
    private readonly List<byte> _read = [];

    /// <summary>The offset of the line that was read last.</summary>
    public int Offset { get; private set; }

    /// <summary>Reads the next line without its line feed, and not a byte beyond it.</summary>
    /// <exception cref="AgeException">The header is truncated, too long, or not printable.</exception>
    public string Next()
    {
        Offset = _read.Count;
        while (true)
        {
            var next = source.ReadByte();
            if (next == '\n')
                break;
            if (next < 0)
                throw new AgeException(_read.Count, "it ends within the header: truncated");
            if (next is < ' ' or > '~')
                throw new AgeException(_read.Count, "the header has a byte that is not printable ASCII");
            if (_read.Count == limit)
                throw new AgeException(_read.Count, $"the header is longer than {limit} bytes");
            _read.Add((byte)next);
        }
        _read.Add((byte)'\n');
        return Encoding.ASCII.GetString([.. _read[Offset..^1]]);
    }

    /// <summary>All lines before the last one, and the mark that the last one begins with.</summary>
    public byte[] Before(string mark) => [.. _read[..(Offset + mark.Length)]];
}
