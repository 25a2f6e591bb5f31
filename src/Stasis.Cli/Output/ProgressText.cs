using System.Globalization;

namespace Stasis.Cli.Output;

/// <summary>
/// The text of a progress line: the step that was reported last with its bytes, rate and time left,
/// such as "writing archive: 120 MB of 1.2 GB, 60 MB/s, 18 s left".
/// </summary>
/// <param name="time">Measures rates.</param>
internal sealed class ProgressText(TimeProvider time)
{
    // A rate over less time says nothing.
    private static readonly TimeSpan MinRateTime = TimeSpan.FromMilliseconds(500);

    private readonly Lock _gate = new();
    // Steps may run at once, such as the layers of an image: each has a rate of its own.
    private readonly Dictionary<string, (long Timestamp, long Done)> _starts = [];
    private string _step = "";
    private long _done;
    private long? _total;

    /// <summary>Takes what a step has done so far.</summary>
    /// <param name="step">Name of the step. Control characters in it are replaced.</param>
    /// <param name="done">Bytes done, or 0 for a step that is not counted in bytes.</param>
    /// <param name="total">Bytes in all, if known.</param>
    public void Report(string step, long done, long? total)
    {
        lock (_gate)
        {
            (_step, _done, _total) = (step, done, total);
            _starts.TryAdd(step, (time.GetTimestamp(), done));
        }
    }

    /// <summary>The line, cut to a number of columns; empty before the first report.</summary>
    public string Format(int columns)
    {
        lock (_gate)
        {
            var text = FailureReport.Printable(_step).Replace('\n', ' ').Replace('\t', ' ');
            if (_done > 0 || _total > 0)
                text += $": {HumanFormat.Size(_done)}{(_total is { } total ? $" of {HumanFormat.Size(total)}" : "")}{Rate()}";
            return text.Length <= columns ? text : text[..Math.Max(columns, 0)];
        }
    }

    private string Rate()
    {
        var (timestamp, before) = _starts[_step];
        var elapsed = time.GetElapsedTime(timestamp);
        if (elapsed < MinRateTime || _done <= before)
            return "";
        var rate = (_done - before) / elapsed.TotalSeconds;
        var left = _total > _done ? $", {FormatTime((_total.Value - _done) / rate)} left" : "";
        return $", {HumanFormat.Size((long)rate)}/s{left}";
    }

    private static string FormatTime(double seconds) => Math.Ceiling(seconds) switch
    {
        < 60 and var few => string.Create(CultureInfo.InvariantCulture, $"{few} s"),
        < 3600 and var some => string.Create(CultureInfo.InvariantCulture, $"{(int)some / 60} min {(int)some % 60} s"),
        var many => string.Create(CultureInfo.InvariantCulture, $"{many / 3600:0.0} h"),
    };
}
