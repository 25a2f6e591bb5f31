using System.Buffers.Binary;
using Microsoft.Win32.SafeHandles;
using Stasis.Engine.LazyPages.Memory;
using Stasis.Linux.Memory;
using Stasis.Linux.Network;

namespace Stasis.Engine.LazyPages.Server;

/// <summary>
/// One restore whose memory is supplied: CRIU's end of it (criu/uffd.c). CRIU connects, and sends for each task its PID (32 bits; negative for a zombie), then a byte with
/// the descriptor; and when all is restored, and before anything of it runs, a number that no PID is.
/// </summary>
internal sealed class LazyRestoreSession(LazyPagesRequest request, UnixSocket control, UnixSocket listener) : IDisposable
{
    // LAZY_PAGES_RESTORE_FINISHED.
    private const int Finished = 0x52535446;

    private readonly byte[] _number = new byte[sizeof(int)];
    private int _received;

    /// <summary>The container's ID.</summary>
    public string Container => request.Container;

    /// <summary>Who asked for it; answered when the processes are restored, or can't be.</summary>
    public UnixSocket Control => control;

    /// <summary>Where CRIU connects.</summary>
    public UnixSocket Listener => listener;

    /// <summary>CRIU, once it has connected.</summary>
    public UnixSocket? Criu { get; set; }

    /// <summary>The processes' memory that isn't complete.</summary>
    public List<AddressSpace> Spaces { get; } = [];

    /// <summary>By what numbers its sockets are watched.</summary>
    public List<(uint Number, SafeFileHandle Descriptor)> Watches { get; } = [];

    /// <summary>Everything has been restored: what is outstanding is supplied from now on.</summary>
    public bool Restored { get; private set; }

    /// <summary>CRIU is gone without having restored everything.</summary>
    public bool Abandoned { get; private set; }

    /// <summary>The container has been restored anew since: what becomes of this life of it is nobody's business.</summary>
    public bool IsPast { get; set; }

    /// <summary>It is being killed: its memory can't be supplied.</summary>
    public bool IsLost { get; set; }

    /// <summary>Pages in all.</summary>
    public int Total { get; set; }

    /// <summary>Takes what CRIU has sent. Calls <paramref name="arrived"/> for each task.</summary>
    public void Receive(Action<int, UserFaultFd> arrived)
    {
        Span<byte> besideDescriptor = stackalloc byte[1];
        while (!Restored && !Abandoned)
        {
            // A descriptor comes with the byte after the PID, never with another.
            SafeFileHandle? descriptor = null;
            var wanted = _received < sizeof(int) ? _number.AsSpan(_received) : besideDescriptor;
            if (Criu!.Receive(wanted, out descriptor) is not { } count)
                return;
            if (count == 0)
            {
                Abandoned = true;
                return;
            }
            if (_received == sizeof(int))
            {
                _received = 0;
                arrived(BinaryPrimitives.ReadInt32LittleEndian(_number), new UserFaultFd(descriptor ?? throw new InvalidDataException("CRIU sent no descriptor")));
                continue;
            }
            _received += count;
            if (_received == sizeof(int))
            {
                var number = BinaryPrimitives.ReadInt32LittleEndian(_number);
                Restored = number == Finished;
                if (number < 0)
                    _received = 0; // a zombie has no memory
            }
        }
    }

    /// <summary>Writes down how far it has come.</summary>
    public void WriteRecord(int server, ulong startTime)
    {
        var outstanding = Spaces.Count == 0 && !Restored ? Total : Spaces.Sum(space => (long)space.Outstanding);
        try
        {
            new LazyPagesRecord(server, startTime, (long)Total * Pagemap.PageSize, Math.Max(0, Total - outstanding) * Pagemap.PageSize).Write(request.Record);
        }
        catch (IOException)
        {
            return; // the folder goes with the container; and no other reason is worth leaving a container without its memory
        }
    }

    /// <summary>All memory is there, or its processes are gone.</summary>
    public void Forget(int server, ulong startTime)
    {
        // Restored again meanwhile, it is another server's.
        if (LazyPagesRecord.Read(request.Record) is { } record && record.Server == server && record.ServerStartTime == startTime)
            File.Delete(request.Record);
    }

    public void Dispose()
    {
        control.Dispose();
        listener.Dispose();
        Criu?.Dispose();
        foreach (var space in Spaces)
            space.Dispose();
    }
}
