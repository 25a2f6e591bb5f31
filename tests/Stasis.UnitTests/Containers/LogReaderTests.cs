using System.Text;
using CsCheck;
using Stasis.Engine.Containers.Files;
using Xunit;

namespace Stasis.UnitTests.Containers;

public sealed class LogReaderTests : IDisposable
{
    private const string T = "2026-11-24T03:49:17.123456789+00:00";

    private readonly TempDirectory _temp = new();
    private readonly string _log;

    public LogReaderTests() => _log = Path.Combine(_temp.Path, "ctr.log");

    public void Dispose() => _temp.Dispose();

    private List<string> Read(int? tail = null)
    {
        using var reader = LogReader.Open(_log, tail, follow: false);
        return Drain(reader);
    }

    private static List<string> Drain(LogReader reader)
    {
        var lines = new List<string>();
        while (reader.Read() is { } line)
            lines.Add($"{(line.IsError ? "E" : "O")}{(line.Partial ? "P" : "F")}{Encoding.UTF8.GetString(line.Text.Span)}");
        return lines;
    }

    private void Append(string text)
    {
        using var stream = new FileStream(_log, FileMode.Append);
        stream.Write(Encoding.UTF8.GetBytes(text));
    }

    [Fact]
    public void Lines_and_pieces_of_lines_are_told_apart()
    {
        Append($"{T} stdout F one\n{T} stderr P half\n{T} stderr F  other half \n{T} stdout F \n");
        Assert.Equal(["OFone", "EPhalf", "EF other half ", "OF"], Read());
    }

    [Fact]
    public void A_very_long_line_comes_in_parts_and_loses_nothing()
    {
        var text = new string('a', (2 << 20) + 17);
        Append($"{T} stdout F one\n{T} stderr F {text}\n{new string('x', 3 << 20)}\n{T} stdout P two\n");

        var lines = Read();

        Assert.Equal("OFone", lines[0]);
        Assert.Equal("OPtwo", lines[^1]);
        Assert.All(lines[1..^2], line => Assert.StartsWith("EP", line, StringComparison.Ordinal));
        Assert.StartsWith("EF", lines[^2], StringComparison.Ordinal);
        Assert.Equal(text, string.Concat(lines[1..^1].Select(line => line[2..])));
    }

    [Fact]
    public void The_time_is_kept()
    {
        var line = LogReader.Parse(Encoding.ASCII.GetBytes("2026-11-24T05:49:17.123456789+02:00 stdout F x"))!.Value;
        // .NET's time has units of 100 ns.
        Assert.Equal(new DateTimeOffset(2026, 11, 24, 3, 49, 17, TimeSpan.Zero).AddTicks(1_234_567), line.Time, TimeSpan.FromTicks(1));
    }

    [Fact]
    public void Bytes_that_are_no_text_come_through()
    {
        byte[] record = [.. Encoding.ASCII.GetBytes($"{T} stdout F "), 0, 255, 13];
        Assert.Equal([0, 255, 13], LogReader.Parse(record)!.Value.Text.ToArray());
    }

    [Theory]
    [InlineData("")]
    [InlineData("x")]
    [InlineData(T)]
    [InlineData($"{T} stdout F")]
    [InlineData($"{T} stdin F x")]
    [InlineData($"{T} stdout X x")]
    [InlineData("yesterday stdout F x")]
    public void Line_that_is_no_record_is_passed_over(string record)
    {
        Append($"{record}\n{T} stdout F good\n");
        Assert.Equal(["OFgood"], Read());
    }

    [Fact]
    public void A_line_that_is_being_written_comes_when_it_is_whole()
    {
        Append($"{T} stdout F one\n{T} std");
        using var reader = LogReader.Open(_log, null, follow: true);
        Assert.Equal(["OFone"], Drain(reader));
        Append("out F two\n");
        Assert.Equal(["OFtwo"], Drain(reader));
    }

    [Fact]
    public void Unless_it_is_followed_what_comes_while_it_is_read_is_not_read()
    {
        Append($"{T} stdout F one\n");
        using var reader = LogReader.Open(_log, 1, follow: false);
        Append($"{T} stdout F two\n");
        Assert.Equal(["OFone"], Drain(reader));
    }

    [Fact]
    public void Lines_longer_than_the_buffer_are_whole()
    {
        var text = new string('x', 300_000);
        Append($"{T} stdout F {text}\n{T} stdout F y\n");
        Assert.Equal(["OF" + text, "OFy"], Read());
        Assert.Equal(["OF" + text, "OFy"], Read(tail: 2));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(99)]
    public void The_tail_counts_whole_lines(int tail)
    {
        Append($"{T} stdout F one\n{T} stdout P tw\n{T} stdout F o\n{T} stderr F three\n");
        string[][] lines = [["OFone"], ["OPtw", "OFo"], ["EFthree"]];
        Assert.Equal(lines.TakeLast(tail).SelectMany(l => l), Read(tail));
    }

    [Fact]
    public void A_line_without_end_counts_as_the_last()
    {
        Append($"{T} stdout F one\n{T} stdout P tw\n{T} stdout P o\n");
        Assert.Equal(["OPtw", "OPo"], Read(tail: 1));
        Assert.Equal(["OFone", "OPtw", "OPo"], Read(tail: 2));
    }

    [Fact]
    public void The_tail_of_any_log_is_what_its_end_shows() =>
        Gen.Select(Gen.Int[0, 70_000].List[0, 12], Gen.Int[0, 15]).Sample((sizes, tail) =>
    {
        File.Delete(_log);
        Append(string.Concat(sizes.Select((size, i) => $"{T} stdout F {i}{new string('a', size)}\n")));
        Assert.Equal(Read().TakeLast(tail), Read(tail));
    }, iter: 60, threads: 1);
}
