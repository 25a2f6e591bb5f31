using System.Text;
using Microsoft.Win32.SafeHandles;

namespace Stasis.Engine.Containers.Files;

/// <summary>
/// Reads a log in conmon's k8s-file format (conmon: src/ctr_logging.c): "TIME STREAM TAG TEXT\n". TIME is RFC 3339 with
/// nanoseconds, STREAM is "stdout" or "stderr", and TAG is F for a complete line or the last part of one, and P for a part of a
/// line that continues.
/// </summary>
internal sealed class LogReader : IDisposable
{
    private const int BlockSize = 64 * 1024;

    // conmon writes lines in parts of 8 KiB. A log of a foreign archive may have any.
    private const int MaxRecordLength = 1 << 20;

    private readonly SafeFileHandle _file;
    private byte[] _buffer = new byte[BlockSize];
    private int _start;
    private int _end;
    private readonly long _limit;
    private long _position;
    private bool _isCut; // the last record was the beginning of a longer one
    private LogLine? _cut; // the line that it began, if it was one

    private LogReader(SafeFileHandle file, long position, long limit) => (_file, _position, _limit) = (file, position, limit);

    /// <summary>
    /// Opens a log at its beginning, or at its last lines.
    /// </summary>
    /// <param name="path">The log.</param>
    /// <param name="tail">Number of last lines to read; null for all.</param>
    /// <param name="follow">Read lines that are added later, too. Otherwise the log ends where it ends now.</param>
    public static LogReader Open(string path, int? tail, bool follow)
    {
        var file = File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        var end = RandomAccess.GetLength(file);
        return new LogReader(file, tail is { } lines ? TailPosition(file, end, lines) : 0, follow ? long.MaxValue : end);
    }

    /// <summary>
    /// Reads the next line; null at the end, after which more may come. Skips bytes that are no log line, such as half a line
    /// after a crash. A line of more than <see cref="MaxRecordLength"/> bytes comes in parts.
    /// </summary>
    public LogLine? Read()
    {
        while (NextRecord() is var (record, isWhole))
        {
            var line = _isCut ? _cut is { } first ? first with { Text = record.ToArray() } : (LogLine?)null : Parse(record.Span);
            (_cut, _isCut) = isWhole ? (null, false) : (line, true);
            if (line is not null)
                return isWhole ? line : line.Value with { Partial = true };
        }
        return null;
    }

    public void Dispose() => _file.Dispose();

    /// <summary>Parses a record without its line end; null if it is no log line.</summary>
    internal static LogLine? Parse(ReadOnlySpan<byte> record)
    {
        var stream = record.IndexOf((byte)' ') + 1;
        // "stdout F " and "stderr P " have nine bytes.
        if (stream == 0
            || record.Length < stream + 9
            || !DateTimeOffset.TryParse(Encoding.ASCII.GetString(record[..(stream - 1)]), null, out var time))
            return null;
        var isError = record[stream..].StartsWith("stderr "u8);
        if (!isError && !record[stream..].StartsWith("stdout "u8))
            return null;
        var tag = record[stream + 7];
        if (tag is not ((byte)'F' or (byte)'P') || record[stream + 8] != ' ')
            return null;
        return new LogLine(time, isError, record[(stream + 9)..].ToArray(), tag == 'P');
    }

    // A record, or a part of one that is longer than the buffer may get.
    private (ReadOnlyMemory<byte> Record, bool IsWhole)? NextRecord()
    {
        for (var searched = _start; ;)
        {
            var lineEnd = _buffer.AsSpan(searched, _end - searched).IndexOf((byte)'\n');
            if (lineEnd >= 0)
            {
                var record = _buffer.AsMemory(_start, searched + lineEnd - _start);
                _start = searched + lineEnd + 1;
                return (record, true);
            }
            if (_end - _start >= MaxRecordLength)
            {
                var part = _buffer.AsMemory(_start, _end - _start);
                _start = _end;
                return (part, false);
            }
            var offset = _end - _start;
            MakeRoom();
            var room = _buffer.AsSpan(_end);
            var read = RandomAccess.Read(_file, room[..(int)Math.Min(room.Length, _limit - _position)], _position);
            if (read == 0)
                return null;
            _position += read;
            _end += read;
            searched = _start + offset;
        }
    }

    private void MakeRoom()
    {
        if (_start > 0)
        {
            _buffer.AsSpan(_start, _end - _start).CopyTo(_buffer);
            (_start, _end) = (0, _end - _start);
        }
        if (_end == _buffer.Length)
            Array.Resize(ref _buffer, _buffer.Length * 2);
    }

    // Reads backwards, so that the end of a long log takes no longer than that of a short one. A line in parts counts once, by
    // its last part. The record after the one that exceeds the count is the first to read.
    private static long TailPosition(SafeFileHandle file, long end, int lines)
    {
        var block = new byte[BlockSize];
        var isLast = true;
        for (var blockEnd = end; blockEnd > 0;)
        {
            var blockStart = Math.Max(0, blockEnd - BlockSize);
            for (var i = ReadFully(file, block.AsSpan(0, (int)(blockEnd - blockStart)), blockStart) - 1; i >= 0; i--)
            {
                if (block[i] == '\n' && Exceeds(blockStart + i + 1))
                    return AfterRecord(file, blockStart + i + 1);
            }
            blockEnd = blockStart;
        }
        return Exceeds(0) ? AfterRecord(file, 0) : 0;

        bool Exceeds(long record)
        {
            if (record >= end)
                return false;
            // Parts at the very end are a line that isn't finished yet.
            var isLine = isLast || IsFull(file, record);
            isLast = false;
            return isLine && lines-- == 0;
        }
    }

    private static long AfterRecord(SafeFileHandle file, long start)
    {
        var block = new byte[BlockSize];
        for (var position = start; ;)
        {
            var read = RandomAccess.Read(file, block, position);
            if (read == 0)
                return position;
            var lineEnd = block.AsSpan(0, read).IndexOf((byte)'\n');
            if (lineEnd >= 0)
                return position + lineEnd + 1;
            position += read;
        }
    }

    private static bool IsFull(SafeFileHandle file, long start)
    {
        Span<byte> head = stackalloc byte[64];
        head = head[..RandomAccess.Read(file, head, start)];
        var stream = head.IndexOf((byte)' ') + 1;
        return stream > 0 && head.Length > stream + 7 && head[stream + 7] == 'F';
    }

    private static int ReadFully(SafeFileHandle file, Span<byte> into, long position)
    {
        var done = 0;
        while (done < into.Length)
        {
            var read = RandomAccess.Read(file, into[done..], position + done);
            if (read == 0)
                break;
            done += read;
        }
        return done;
    }
}
