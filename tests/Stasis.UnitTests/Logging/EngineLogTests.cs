using Microsoft.Extensions.Logging;
using Stasis.Engine.Logging;
using Stasis.Engine.Model;
using Stasis.Linux.Files;
using Stasis.Linux.Processes;
using Xunit;

namespace Stasis.UnitTests.Logging;

/// <summary>What the engine logs, and that it logs nothing for nobody.</summary>
public sealed class EngineLogTests : IDisposable
{
    private static readonly string Id = new('a', 64);

    private readonly RecordingLoggerFactory _recorded = new();

    private EngineLog Log => EngineLog.Create(_recorded);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => _recorded.Dispose();

    [Fact]
    public async Task A_command_is_logged_with_its_line_and_exit_code()
    {
        await Log.Programs.RunAsync(new SpawnOptions { Program = "sh", Arguments = ["-c", "echo no; exit 3"] }, null, Cancellation);
        Assert.Equal("100 running sh -c 'echo no; exit 3'", _recorded.Lines[0]);
        Assert.StartsWith("101 sh ended with exit code 3 after ", _recorded.Lines[1], StringComparison.Ordinal);
        Assert.Equal("104 sh printed: no", _recorded.Lines[2]);
    }

    [Fact]
    public async Task A_program_that_cannot_be_run_is_logged()
    {
        await Assert.ThrowsAnyAsync<Exception>(() => Log.Programs.RunAsync(new SpawnOptions { Program = "/no/such" }, null, Cancellation));
        Assert.StartsWith("102 such was given up after ", _recorded.Lines[1], StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_lock_is_logged_only_when_it_is_waited_for()
    {
        using var temp = new TempDirectory();
        var path = Path.Combine(temp.Path, "lock");
        Task<FileLock> waiting;
        using (await Log.Locks.AcquireAsync(path, shared: false, Cancellation))
        {
            Assert.Empty(_recorded.Lines);
            waiting = Log.Locks.AcquireAsync(path, shared: false, Cancellation);
            Assert.Equal([$"200 waiting for the lock {path}"], _recorded.Lines);
        }
        (await waiting).Dispose();
        Assert.StartsWith($"201 got the lock {path} after ", _recorded.Lines[1], StringComparison.Ordinal);
    }

    [Fact]
    public void A_change_of_status_is_logged_and_other_changes_are_not()
    {
        Log.Containers.StatusChanges("sleeper", Id, ContainerStatus.Running, ContainerStatus.Running);
        Log.Containers.StatusChanges("sleeper", Id, ContainerStatus.Running, ContainerStatus.Paused);
        Assert.Equal(["300 container sleeper (aaaaaaaaaaaa) is paused, was running"], _recorded.Lines);
    }

    [Fact]
    public void The_log_of_criu_is_forwarded_line_by_line()
    {
        using var temp = new TempDirectory();
        Log.Criu.Forward(temp.File("dump.log", "(00.000001) one\n(00.000002) two\n"));
        Log.Criu.Forward(Path.Combine(temp.Path, "missing.log"));
        Assert.Equal(["500 (00.000001) one", "500 (00.000002) two"], _recorded.Lines);
    }

    [Fact]
    public void Event_ids_are_unique_and_documented()
    {
        var ids = typeof(LogMessages).GetMethods().SelectMany(method => method.GetCustomAttributes(typeof(LoggerMessageAttribute), false))
            .Select(attribute => ((LoggerMessageAttribute)attribute).EventId).ToList();
        Assert.NotEmpty(ids);
        Assert.Equal(ids.Count, ids.Distinct().Count());
        var documentation = File.ReadAllText(Path.Combine(Repository.Root, "docs/logging.md"));
        Assert.DoesNotContain(ids, id => !documentation.Contains($"| {id} |", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Without_a_logger_factory_nothing_is_allocated()
    {
        Assert.Same(EngineLog.None, EngineLog.Create(null));
        await EngineLog.None.Programs.RunAsync(new SpawnOptions { Program = "true" }, null, Cancellation);
        LogNothing(); // once for what is allocated with the first call of any method
        var before = GC.GetAllocatedBytesForCurrentThread();
        LogNothing();
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    private static void LogNothing()
    {
        EngineLog.None.Containers.StatusChanges("sleeper", Id, ContainerStatus.Running, ContainerStatus.Running);
        EngineLog.None.Containers.OperationBegins("sleeper", Id, "start");
        EngineLog.None.Criu.Forward("/no/such/file");
    }

    private sealed class RecordingLoggerFactory : ILoggerFactory, ILogger
    {
        public List<string> Lines { get; } = [];

        public void AddProvider(ILoggerProvider provider) => throw new NotSupportedException();

        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            Lines.Add($"{eventId.Id} {formatter(state, exception)}");

        public void Dispose()
        {
        }
    }
}
