using System.Text;
using Microsoft.Win32.SafeHandles;
using Stasis.Engine.LazyPages.Memory;
using Stasis.Linux;
using Stasis.Linux.Network;

namespace Stasis.Engine.LazyPages.Server;

/// <summary>One restore whose memory the page server supplies, from the request until all of the container's memory is there.</summary>
/// <param name="request">The request.</param>
/// <param name="control">The connection that the request came by.</param>
/// <param name="listener">The socket that CRIU connects to.</param>
/// <param name="pages">How many pages of the checkpoint are supplied on demand.</param>
internal sealed class LazyRestoreSession(PageServerRequest request, UnixSocket control, UnixSocket listener, int pages) : IDisposable
{
    private string? _record = request.Record;

    /// <summary>The container's ID.</summary>
    public string Container => request.Container;

    /// <summary>How far the session has come.</summary>
    public SessionState State { get; private set; }

    /// <summary>The connection of the restore that asked.</summary>
    public UnixSocket Control => control;

    /// <summary>The socket that CRIU connects to.</summary>
    public UnixSocket Listener => listener;

    /// <summary>CRIU's connection; null before it has connected.</summary>
    public CriuConnection? Criu { get; private set; }

    /// <summary>The address spaces with pages outstanding.</summary>
    public List<AddressSpace> Spaces { get; } = [];

    /// <summary>The descriptors of this session that the event loop watches, with the loop's number for each.</summary>
    public List<(uint Number, SafeFileHandle Descriptor)> Watches { get; } = [];

    /// <summary>
    /// Whether the container has been restored again since, by a later session. Its progress record is that one's then, and the end of this
    /// session says nothing about the container.
    /// </summary>
    public bool IsSuperseded => _record is null;

    /// <summary>CRIU has connected.</summary>
    public void Connect(UnixSocket criu)
    {
        MoveTo(SessionState.Restoring);
        Criu = new CriuConnection(criu);
    }

    /// <summary>CRIU has restored all tasks.</summary>
    public void StartSupplying() => MoveTo(SessionState.Supplying);

    /// <summary>Pages can't be supplied.</summary>
    public void Fail() => MoveTo(SessionState.Failed);

    /// <summary>A later session restores the same container.</summary>
    public void Supersede() => _record = null;

    /// <summary>
    /// Tells the restore the outcome: <see cref="PageServerRequest.Restored"/> or a reason. Only the first answer arrives.
    /// </summary>
    public void Answer(string text)
    {
        try
        {
            control.Send(Encoding.UTF8.GetBytes(text));
            control.EndSending();
        }
        catch (LinuxException e) when (e.Errno is Errno.EPIPE or Errno.ECONNRESET or Errno.ENOTCONN)
        {
            return; // answered already, or the restore has ended: the container's own state tells the outcome
        }
    }

    /// <summary>Writes the progress record.</summary>
    /// <param name="server">The page server's PID.</param>
    /// <param name="startTime">The page server's start time.</param>
    public void WriteRecord(int server, ulong startTime)
    {
        if (_record is null)
            return;
        var isUntouched = Spaces.Count == 0 && State != SessionState.Supplying;
        var outstanding = isUntouched ? pages : Spaces.Sum(space => (long)space.Outstanding);
        try
        {
            var loaded = Math.Max(0, pages - outstanding) * Pagemap.PageSize;
            new LazyPagesProgress(server, startTime, (long)pages * Pagemap.PageSize, loaded).Write(_record);
        }
        catch (IOException)
        {
            return; // the container's folder was removed; no other failure is worth leaving a container without its memory
        }
    }

    /// <summary>Closes all descriptors and deletes the progress record, if it is this server's.</summary>
    /// <param name="server">The page server's PID.</param>
    /// <param name="startTime">The page server's start time.</param>
    public void Close(int server, ulong startTime)
    {
        // The container may have been restored again by another server.
        var record = _record is null ? null : LazyPagesProgress.Read(_record);
        if (record?.Server == server && record.ServerStartTime == startTime)
            File.Delete(_record!);
        Dispose();
    }

    public void Dispose()
    {
        State = SessionState.Closed;
        control.Dispose();
        listener.Dispose();
        Criu?.Dispose();
        foreach (var space in Spaces)
            space.Dispose();
    }

    private void MoveTo(SessionState next)
    {
        var isAllowed = (State, next) is (SessionState.WaitingForCriu, SessionState.Restoring)
            or (SessionState.Restoring, SessionState.Supplying)
            or (SessionState.WaitingForCriu or SessionState.Restoring or SessionState.Supplying, SessionState.Failed);
        State = isAllowed ? next : throw new InvalidOperationException($"a page server's session can't go from {State} to {next}");
    }
}
