using System.CommandLine;
using System.Globalization;
using System.Text;
using Stasis.Cli.Output;
using Stasis.Cli.Parsing;
using Stasis.Cli.Verbs;
using Stasis.Engine.Containers;

namespace Stasis.Cli.Commands.Containers;

internal sealed class LogsCommand : MultiContainerVerb
{
    private readonly Option<bool> _follow = OptionFactory.Flag("--follow", "-f", "Follow the output until the container ends");
    private readonly Option<long> _tail =
        OptionFactory.Create("--tail", null, "LINES", "Show only the last LINES lines; -1 for all (default: -1)", ValueParsers.Integer);
    private readonly Option<DateTimeOffset?> _since = OptionFactory.Create(
        "--since",
        null,
        "TIME",
        "Show only lines since TIME: a time, or a duration before now such as 10m",
        ValueParsers.Moment);
    private readonly Option<DateTimeOffset?> _until =
        OptionFactory.Create("--until", null, "TIME", "Show only lines until TIME", ValueParsers.Moment);
    private readonly Option<bool> _timestamps = OptionFactory.Flag("--timestamps", "-t", "Show the time of each line");

    public LogsCommand() : base("logs", "Fetch the output of one or more containers") =>
        AddOptions(_follow, _since, _tail, _timestamps, _until);

    public override Task<int> RunAsync(Invocation run)
    {
        var tail = run.Has(_tail) ? run.Get(_tail) : -1;
        var options = new LogOptions
        {
            Follow = run.Get(_follow),
            Tail = tail < 0 ? null : (int)Math.Min(tail, int.MaxValue),
            Since = run.Get(_since),
            Until = run.Get(_until),
        };
        return run.ForEachAsync(Selected(run), container => WriteAsync(run, container, options));
    }

    private async Task WriteAsync(Invocation run, string container, LogOptions options)
    {
        var timestamps = run.Get(_timestamps);
        var lineBegins = true;
        var (output, error) = (StandardOutput.IsTerminal ? new LogText() : null, StandardError.IsTerminal ? new LogText() : null);
        await foreach (var line in run.Engine.Containers.LogsAsync(container, options, CancellationToken.None))
        {
            byte[] stamp = timestamps && lineBegins ? Encoding.ASCII.GetBytes(Stamp(line.Time)) : [];
            byte[] piece = [.. stamp, .. line.Text.Span, .. line.Partial ? ""u8 : "\n"u8];
            if (line.IsError)
                StandardError.Write(error?.Escape(piece) ?? piece);
            else
                StandardOutput.Write(output?.Escape(piece) ?? piece);
            lineBegins = !line.Partial;
        }
    }

    // Podman prints RFC 3339 with nanoseconds; a DateTimeOffset has units of 100 ns.
    private static string Stamp(DateTimeOffset time) =>
        time.ToString("yyyy-MM-dd'T'HH:mm:ss.fffffff'00'zzz' '", CultureInfo.InvariantCulture);
}
