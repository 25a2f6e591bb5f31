using System.Text;
using Spectre.Console;
using Spectre.Console.Rendering;
using Stasis.Engine.Checkpoints;
using Stasis.Engine.Images;

namespace Stasis.Cli.Output;

/// <summary>Shows how far long work has come: on a terminal as bars on standard error, otherwise not at all.</summary>
internal static class Progress
{
    // What is over sooner than this isn't worth a bar, and a bar costs milliseconds.
    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(250);

    public static Task<T> ShowAsync<T>(Func<IProgress<CheckpointProgress>?, Task<T>> work) =>
        ShowAsync(work, show => new Direct<CheckpointProgress>(step => show(step.Step, step.Done, step.Total)));

    public static Task<T> ShowAsync<T>(Func<IProgress<ImageProgress>?, Task<T>> work) =>
        ShowAsync(work, show => new Direct<ImageProgress>(step => show(step.What, step.Done, step.Total)));

    private static async Task<T> ShowAsync<T, TProgress>(Func<IProgress<TProgress>?, Task<T>> work, Func<Action<string, long, long?>, IProgress<TProgress>> make)
    {
        if (!StandardError.IsTerminal)
            return await work(null);
        var steps = new Steps();
        var running = work(make(steps.Report));
        if (await Task.WhenAny(running, Task.Delay(Patience)) != running)
            await Bars.ShowAsync(steps, running);
        return await running;
    }

    private sealed class Direct<T>(Action<T> action) : IProgress<T>
    {
        public void Report(T value) => action(value);
    }

    /// <summary>The latest of each step, in the order in which they began.</summary>
    private sealed class Steps
    {
        private readonly Dictionary<string, int> _index = [];
        private readonly List<(string Name, long Done, long? Total)> _steps = [];

        public void Report(string name, long done, long? total)
        {
            lock (_steps)
            {
                if (_index.TryGetValue(name, out var index))
                    _steps[index] = (name, done, total);
                else
                {
                    _index[name] = _steps.Count;
                    _steps.Add((name, done, total));
                }
            }
        }

        public (string Name, long Done, long? Total)[] Now()
        {
            lock (_steps)
                return [.. _steps];
        }
    }

    // A class of its own, so that nothing of Spectre.Console is set up before it is needed.
    private static class Bars
    {
        public static Task ShowAsync(Steps steps, Task running)
        {
            var console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new Screen() });
            return console.Progress()
                .AutoClear(true)
                .Columns(new TaskDescriptionColumn { Alignment = Justify.Left }, new ProgressBarColumn(), new Bytes(), new SpinnerColumn())
                .StartAsync(async context =>
                {
                    var bars = new List<ProgressTask>();
                    for (var finished = false; !finished; await Task.WhenAny(running, Task.Delay(100)))
                    {
                        finished = running.IsCompleted;
                        var now = steps.Now();
                        bars.AddRange(now.Skip(bars.Count).Select(step => context.AddTask(Markup.Escape(step.Name))));
                        for (var i = 0; i < now.Length; i++)
                            Update(bars[i], now[i].Done, now[i].Total, isOver: finished || (now[i].Total is null && i < now.Length - 1));
                    }
                });
        }

        // Of a step that isn't counted in bytes, all there is to see is whether it is over.
        private static void Update(ProgressTask bar, long done, long? total, bool isOver)
        {
            bar.IsIndeterminate = total is null && !isOver;
            bar.MaxValue = Math.Max(total ?? 1, 1);
            bar.Value = isOver ? bar.MaxValue : total is null ? 0 : done;
        }

        // Spectre's own takes the terminal's size from Console, which would set the terminal up.
        private sealed class Screen : IAnsiConsoleOutput
        {
            private readonly (int Rows, int Columns) _size = StandardError.Size;

            public TextWriter Writer => StandardError.Writer;

            public bool IsTerminal => true;

            public int Width => _size.Columns;

            public int Height => _size.Rows;

            public void SetEncoding(Encoding encoding) { } // it is UTF-8 already
        }

        private sealed class Bytes : ProgressColumn
        {
            public override IRenderable Render(RenderOptions options, ProgressTask task, TimeSpan deltaTime) =>
                new Text(task.MaxValue > 1 ? $"{HumanFormat.Size((long)task.Value)} of {HumanFormat.Size((long)task.MaxValue)}" : "");
        }
    }
}
