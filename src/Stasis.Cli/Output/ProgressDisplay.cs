using Stasis.Engine.Checkpoints;
using Stasis.Engine.Images;

namespace Stasis.Cli.Output;

/// <summary>
/// Shows the progress of a long operation: on a terminal as a line on standard error, which is removed at the end; otherwise not at all.
/// </summary>
internal static class ProgressDisplay
{
    // An operation that takes less shows nothing.
    private static readonly TimeSpan Delay = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(100);

    public static Task<T> ShowAsync<T>(Func<IProgress<OperationProgress>?, Task<T>> work) =>
        ShowAsync(work, line => new Reporter<OperationProgress>(value => line.Report(value.Step, value.Done, value.Total)));

    public static Task<T> ShowAsync<T>(Func<IProgress<ImageProgress>?, Task<T>> work) =>
        ShowAsync(work, line => new Reporter<ImageProgress>(value => line.Report(value.What, value.Done, value.Total)));

    private static async Task<T> ShowAsync<T, TProgress>(
        Func<IProgress<TProgress>?, Task<T>> work, Func<ProgressText, IProgress<TProgress>> makeReporter)
    {
        if (!StandardError.IsTerminal)
            return await work(null);
        var line = new ProgressText(TimeProvider.System);
        var running = work(makeReporter(line));
        if (await Task.WhenAny(running, Task.Delay(Delay)) != running)
            await DrawAsync(line, running);
        return await running;
    }

    private static async Task DrawAsync(ProgressText line, Task running)
    {
        while (!running.IsCompleted)
        {
            // The last column stays free: some terminals go to the next line once it is written to.
            StandardError.Status(line.Format(StandardError.Columns - 1));
            await Task.WhenAny(running, Task.Delay(Interval));
        }
        StandardError.Status("");
    }

    // ProgressDisplay<T> would report on another thread, and late.
    private sealed class Reporter<T>(Action<T> action) : IProgress<T>
    {
        public void Report(T value) => action(value);
    }
}
