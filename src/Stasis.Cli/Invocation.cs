using System.CommandLine;
using System.Runtime.InteropServices;
using Stasis.Cli.Parsing;
using Stasis.Engine;

namespace Stasis.Cli;

/// <summary>One run of a command: its arguments, the engine, and what cancels it.</summary>
internal sealed class Invocation(ParseResult parse, IReadOnlyList<string> args) : IDisposable
{
    private readonly List<PosixSignalRegistration> _signals = [];
    private CancellationTokenSource? _cancellation;
    private StasisEngine? _engine;

    /// <summary>The arguments as typed.</summary>
    public IReadOnlyList<string> CommandLine { get; } = args;

    /// <summary>Errors are shown with the place they came from.</summary>
    public bool Debug => parse.GetValue(GlobalOptions.Debug) || parse.GetValue(GlobalOptions.LogLevel) is "debug" or "trace";

    /// <summary>The signal that cancelled it.</summary>
    public PosixSignal? Signal { get; private set; }

    public EngineOptions EngineOptions => GlobalOptions.ToEngineOptions(parse);

    public StasisEngine Engine => _engine ??= new StasisEngine(EngineOptions);

    /// <summary>
    /// Cancelled by Ctrl-C and SIGTERM, once asked for. Commands that only look don't ask: a signal may end them as it likes.
    /// A second Ctrl-C ends the process in the ordinary way.
    /// </summary>
    public CancellationToken Cancellation
    {
        get
        {
            if (_cancellation is null)
            {
                _cancellation = new CancellationTokenSource();
                _signals.Add(PosixSignalRegistration.Create(PosixSignal.SIGINT, Cancel));
                _signals.Add(PosixSignalRegistration.Create(PosixSignal.SIGTERM, Cancel));
            }
            return _cancellation.Token;
        }
    }

    /// <summary>From now on signals are for the container.</summary>
    public void HandSignalsOn() => _signals.ForEach(signal => signal.Dispose());

    public T? Get<T>(Option<T> option) => parse.GetValue(option);

    public string[] Get(Option<string[]> option) => parse.GetValue(option) ?? [];

    public string[] Get(Argument<string[]> argument) => parse.GetValue(argument) ?? [];

    /// <summary>Whether the option was given.</summary>
    public bool Has(Option option) => parse.GetResult(option) is { Implicit: false };

    /// <summary>Whether it asks for something: a flag that is given as false doesn't.</summary>
    public bool IsRequested(Option option) => Has(option) && (option is not Option<bool> flag || Get(flag));

    /// <summary>Does <paramref name="action"/> for each name, going on after a failure. The exit code is that of the first failure.</summary>
    public async Task<int> ForEachAsync<T>(IEnumerable<T> names, Func<T, Task> action, Func<Exception, int?>? exitCode = null)
    {
        var exit = 0;
        foreach (var name in names)
        {
            try
            {
                await action(name);
            }
            catch (Exception exception) when (exception is not (OperationCanceledException or UsageException))
            {
                var code = FailureReport.Report(exception, Debug);
                exit = exit != 0 ? exit : exitCode?.Invoke(exception) ?? code;
            }
        }
        return exit;
    }

    public void Dispose()
    {
        _engine?.Dispose();
        HandSignalsOn();
        _cancellation?.Dispose();
    }

    private void Cancel(PosixSignalContext context)
    {
        context.Cancel = !_cancellation!.IsCancellationRequested;
        Signal = context.Signal;
        _cancellation.Cancel();
    }
}
