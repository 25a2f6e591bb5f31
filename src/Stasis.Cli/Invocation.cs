using System.CommandLine;
using System.Runtime.InteropServices;
using Stasis.Cli.Parsing;
using Stasis.Engine;

namespace Stasis.Cli;

/// <summary>One run of a command: its arguments, the engine, and cancellation by signals.</summary>
internal sealed class Invocation(ParseResult parse, IReadOnlyList<string> args) : IDisposable
{
    private readonly List<PosixSignalRegistration> _signals = [];
    private CancellationTokenSource? _cancellation;
    private StasisEngine? _engine;

    /// <summary>The arguments as typed.</summary>
    public IReadOnlyList<string> CommandLine { get; } = args;

    /// <summary>Whether to print where an error came from.</summary>
    public bool Debug => parse.GetValue(GlobalOptions.Debug) || parse.GetValue(GlobalOptions.LogLevel) is "debug" or "trace";

    /// <summary>The signal that cancelled the command, if any.</summary>
    public PosixSignal? Signal { get; private set; }

    public EngineOptions EngineOptions => GlobalOptions.ToEngineOptions(parse);

    public StasisEngine Engine => _engine ??= new StasisEngine(EngineOptions);

    /// <summary>
    /// Is cancelled by SIGINT and SIGTERM, from the first use of this property on. Read-only commands never use it, so signals end them by
    /// default. A second signal ends the process.
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

    /// <summary>Stops handling signals, so that they can be proxied to a container.</summary>
    public void ReleaseSignals() => _signals.ForEach(signal => signal.Dispose());

    public T? Get<T>(Option<T> option) => parse.GetValue(option);

    public string[] Get(Option<string[]> option) => parse.GetValue(option) ?? [];

    public string[] Get(Argument<string[]> argument) => parse.GetValue(argument) ?? [];

    /// <summary>Whether the option was given.</summary>
    public bool Has(Option option) => parse.GetResult(option) is { Implicit: false };

    /// <summary>Whether the option was given; for a flag, whether its value is true.</summary>
    public bool IsRequested(Option option) => Has(option) && (option is not Option<bool> flag || Get(flag));

    /// <summary>
    /// Does <paramref name="action"/> for each name, and goes on after a failure. Gives 0, or the exit code of the first failure:
    /// that of <paramref name="exitCode"/>, or else that of the exception.
    /// </summary>
    /// <exception cref="OperationCanceledException">A signal cancelled the command.</exception>
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
        ReleaseSignals();
        _cancellation?.Dispose();
    }

    private void Cancel(PosixSignalContext context)
    {
        context.Cancel = !_cancellation!.IsCancellationRequested;
        Signal = context.Signal;
        _cancellation.Cancel();
    }
}
