using System.Text;
using System.Text.Json;
using Microsoft.Win32.SafeHandles;
using Stasis.Engine.Common;
using Stasis.Engine.Errors;
using Stasis.Engine.Logging;
using Stasis.Engine.Storage;
using Stasis.Linux.Events;
using Stasis.Linux.Files;

namespace Stasis.Engine.LazyPages;

/// <summary>
/// A restore's end of memory on demand: asks the checkpoint's page server, which is started if there is none, to supply a container's memory, and hears whether it does.
/// The restore doesn't wait for the server: the socket that CRIU connects to is there at once, and goes to the server with the request.
/// </summary>
internal sealed class PageServerClient : IDisposable
{
    // lazy-pages.socket in CRIU's work directory (criu/uffd.c).
    private const string SocketName = "lazy-pages.socket";

    // From the end of a restore to the server's word that it has heard of it.
    private static readonly TimeSpan AnswerLimit = TimeSpan.FromSeconds(10);

    private readonly UnixSocket _control;
    private readonly string _socket;
    private readonly Task<string?> _failure;

    private PageServerClient(UnixSocket control, string socket)
    {
        (_control, _socket) = (control, socket);
        _failure = Task.Factory.StartNew(Hear, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
    }

    /// <summary>Asks.</summary>
    /// <param name="folder">The server's folder.</param>
    /// <param name="paths">The container's paths; CRIU's work directory is its bundle.</param>
    /// <param name="server">Program and arguments of the server.</param>
    /// <param name="starting">Called before one is started; throws where none can be.</param>
    /// <param name="log">Where a server's command line is logged.</param>
    /// <param name="cancellation">Gives up waiting for others that ask the same server.</param>
    public static async Task<PageServerClient> RequestAsync(PageServerFolder folder, ContainerLayout paths, IReadOnlyList<string> server, Action starting, EngineLog log, CancellationToken cancellation)
    {
        // Those of an earlier life.
        File.Delete(paths.LazyPages);
        File.Delete(paths.LostPages);
        using var held = await log.Locks.AcquireAsync(folder.Lock, shared: false, cancellation);
        var control = UnixSocket.TryConnect(folder.Control);
        if (control is null)
        {
            starting();
            PageServerProcess.Start(folder, server, new Dictionary<int, SafeFileHandle>(), log.Commands);
            control = UnixSocket.TryConnect(folder.Control) ?? throw new StasisException($"nobody listens on {folder.Control}, which was made a moment ago");
        }
        try
        {
            var socket = Path.Combine(paths.Bundle, SocketName);
            using var listener = UnixSocket.Listen(socket);
            var request = new LazyPagesRequest(paths.Id, paths.LazyPages);
            control.Send([.. JsonSerializer.SerializeToUtf8Bytes(request, EngineJson.Default.LazyPagesRequest), (byte)'\n'], listener.Handle);
            return new PageServerClient(control, socket);
        }
        catch
        {
            control.Dispose();
            throw;
        }
    }

    /// <summary>Has CRIU restore the processes. Cancelled when their memory can't be supplied.</summary>
    /// <exception cref="StasisException">It can't, and why.</exception>
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

    private string? Hear()
    {
        var answer = Encoding.UTF8.GetString(_control.ReceiveAll(Timeout.InfiniteTimeSpan));
        return answer == LazyPagesRequest.Restored ? null : answer.Length > 0 ? answer : "the page server has ended";
    }

    private static StasisException Failure(string reason, Exception? inner) =>
        new($"the memory can't be supplied on demand: {reason}", inner) { Remedy = "restore it with --no-lazy" };
}
