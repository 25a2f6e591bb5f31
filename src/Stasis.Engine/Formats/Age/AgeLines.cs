using System.Text;

namespace Stasis.Engine.Formats.Age;

/// <summary>The lines of a header: printable ASCII, each ended by a line feed.</summary>
internal sealed class AgeLines(Stream source, int limit)
{
    private readonly List<byte> _read = [];

    /// <summary>Where the line began that was read last.</summary>
    public int Offset { get; private set; }

    /// <summary>The next line, without its end. Not a byte beyond it is taken from the stream.</summary>
    /// <exception cref="AgeException">There is none.</exception>
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

    /// <summary>All lines up to the last one, and of that its first characters.</summary>
    public byte[] Before(string mark) => [.. _read[..(Offset + mark.Length)]];
}
