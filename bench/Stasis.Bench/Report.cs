using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Stasis.Bench;

/// <summary>All that was measured, as a table for people and as JSON for what comes after.</summary>
internal sealed class Report(IReadOnlyDictionary<string, string> host, Tool podman)
{
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };
    private readonly List<Samples> _samples = [];

    public void Add(IEnumerable<Samples> samples) => _samples.AddRange(samples);

    public string ToMarkdown()
    {
        var text = new StringBuilder();
        text.AppendLine("| whole command, ms | stasis (min–max) | peer (min–max) | ratio | target |");
        text.AppendLine("| --- | ---: | ---: | ---: | ---: |");
        foreach (var samples in _samples)
        {
            var peer = samples.Peer is { } name ? Cell(samples.Times[name]) : "";
            text.AppendLine(
                CultureInfo.InvariantCulture,
                $"| {samples.What} | {Cell(samples.Times["stasis"])} | {peer} | {samples.Ratio:0.00} | {Targets.Of(samples.What):0.00} |");
        }
        text.AppendLine().AppendLine(CultureInfo.InvariantCulture, $"""
            Medians of {_samples[0].Times["stasis"].Count}; the peer is Podman where nothing else is said;
            entering the peer, {podman.Overhead:0.0} ms, is taken off podman's. `true`, measured so, takes {podman.Floor:0.0} ms.
            """);
        text.AppendLine(string.Join("; ", host.Select(fact => $"{fact.Key}: {fact.Value}")) + ".");
        return text.ToString();
    }

    public void WriteJson(string path)
    {
        var results = _samples.Select(samples => new
        {
            samples.What,
            Tools = samples.Times.ToDictionary(
                tool => tool.Key,
                tool => new
                {
                    Median = Samples.Median(tool.Value),
                    Min = tool.Value.Min(),
                    Max = tool.Value.Max(),
                    Milliseconds = tool.Value,
                }),
            samples.Peer,
            samples.Ratio,
            Target = Targets.Of(samples.What),
        });
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        var all = new { Host = host, PeerEntryMilliseconds = podman.Overhead, TrueMilliseconds = podman.Floor, Results = results };
        File.WriteAllText(path, JsonSerializer.Serialize(all, Indented) + "\n");
    }

    public void WritePlot(string path) => Plot.Write(path, _samples);

    private static string Cell(List<double> times) =>
        string.Create(CultureInfo.InvariantCulture, $"{Samples.Median(times):0} ({times.Min():0}–{times.Max():0})");
}
