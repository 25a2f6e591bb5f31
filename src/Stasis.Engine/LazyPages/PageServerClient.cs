using System.Text;
using System.Text.Json;
using Stasis.Engine.Errors;
using Stasis.Engine.Logging;
using Stasis.Linux.Network;

namespace Stasis.Engine.LazyPages;

/// <summary>
/// A restore's connection to its checkpoint's page server. The restore doesn't wait for the server to start: it makes the socket that CRIU
/// connects to, and sends that socket to the server with the request.
/// </summary>
internal sealed class PageServerClient : IDisposable
{
    // From the end of a restore to the server's answer.
    private static readonly TimeSpan AnswerLimit = TimeSpan.FromSeconds(10);

    private readonly UnixSocket _control;
    private readonly string _socket;
    private readonly Task<string?> _failure;

    private PageServerClient(UnixSocket control, string socket)
    {
        (_control, _socket) = (control, socket);
        _failure = Task.Factory.StartNew(ReceiveAnswer, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
    }

    /// <summary>Asks the page server to supply a container's memory. Starts the server if none runs.</summary>
    /// <param name="folder">The server's folder.</param>
    /// <param name="files">The container.</param>
    /// <param name="server">Program and arguments of the server.</param>
    /// <param name="starting">Called before a server is started; throws if none may be.</param>
    /// <param name="log">Where a server's command line is logged.</param>
    /// <param name="cancellation">Stops waiting for other restores that connect to the same server.</param>
    public static async Task<PageServerClient> RequestAsync(
        PageServerFolder folder,
        LazyMemoryFiles files,
        IReadOnlyList<string> server,
        Action starting,
        EngineLog log,
        CancellationToken cancellation)
    {
        // Left by an earlier restore of the container.
        File.Delete(files.Progress);
        File.Delete(files.Lost);
        using var held = await log.Locks.AcquireAsync(folder.Lock, shared: false, cancellation);
        var control = UnixSocket.TryConnect(folder.Control);
        if (control is null)
        {
            starting();
            PageServerProcess.Start(folder, server, archive: null, backfillLock: null, log.Programs);
            control = UnixSocket.TryConnect(folder.Control)
                ?? throw new StasisException($"nothing listens on {folder.Control}, the socket of the page server that was just started");
        }
        try
        {
            using var listener = UnixSocket.Listen(files.Socket);
            var request = new PageServerRequest(files.Container, files.Progress);
            var json = JsonSerializer.SerializeToUtf8Bytes(request, EngineJson.Default.PageServerRequest);
            control.Send([.. json, (byte)'\n'], listener.Handle);
            return new PageServerClient(control, files.Socket);
        }
        catch
        {
            control.Dispose();
            throw;
        }
    }

    /// <summary>Runs a restore, which is cancelled if the page server can't supply the memory. Waits for the server's answer.</summary>
    /// <exception cref="StasisException">The memory can't be supplied. The message says why.</exception>
    public async Task GuardAsync(Func<CancellationToken, Task> restore, CancellationToken cancellation)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var restoring = restore(stop.Token);
        if (await Task.WhenAny(restoring, _failure) == _failure && await _failure is { } reason)
        {
            await stop.CancelAsync();
            await restoring.ContinueWith(static _ => { }, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
            cancellation.ThrowIfCancellationRequested();
            throw Failure(reason, restoring.Exception?.InnerException);
        }
        await restoring;
        if (await _failure.WaitAsync(AnswerLimit, cancellation) is { } late)
            throw Failure(late, null);
    }

    public void Dispose()
    {
        File.Delete(_socket);
        _control.Dispose();
    }

    private string? ReceiveAnswer()
    {
        var answer = Encoding.UTF8.GetString(_control.ReceiveAll(Timeout.InfiniteTimeSpan));
        return answer == PageServerRequest.Restored ? null : answer.Length > 0 ? answer : "the page server has ended";
    }

    private static StasisException Failure(string reason, Exception? inner) =>
        new($"the memory can't be supplied on demand: {reason}", inner) { Remedy = "restore it with --no-lazy" };
}
