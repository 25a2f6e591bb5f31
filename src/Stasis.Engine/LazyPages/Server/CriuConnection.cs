using System.Buffers.Binary;
using Microsoft.Win32.SafeHandles;
using Stasis.Linux.Memory;
using Stasis.Linux.Network;

namespace Stasis.Engine.LazyPages.Server;

/// <summary>What CRIU has told when everything that it had sent was read.</summary>
internal enum CriuProgress
{
    /// <summary>Tasks are still being restored.</summary>
    Restoring,
    /// <summary>All tasks are restored. None of them runs yet.</summary>
    Restored,
    /// <summary>CRIU closed the connection before all tasks were restored.</summary>
    Disconnected,
}

/// <summary>
/// CRIU's side of lazy-pages (criu/uffd.c). For each task CRIU sends its PID (32 bits; negative for a zombie), then a byte that carries the
/// task's userfaultfd. A number that is no PID follows the last task.
/// </summary>
internal sealed class CriuConnection(UnixSocket socket) : IDisposable
{
    private const int RestoreFinished = 0x52535446; // LAZY_PAGES_RESTORE_FINISHED

    private readonly byte[] _number = new byte[sizeof(int)];
    private int _received;

    /// <summary>Readable when CRIU has sent something.</summary>
    public SafeFileHandle Handle => socket.Handle;

    /// <summary>
    /// Reads all that CRIU has sent, and calls <paramref name="taskRestored"/> with the PID and userfaultfd of each task. Doesn't
    /// block.
    /// </summary>
    /// <exception cref="InvalidDataException">CRIU sent no descriptor for a task.</exception>
    public CriuProgress Receive(Action<int, UserFaultFd> taskRestored)
    {
        Span<byte> descriptorByte = stackalloc byte[1];
        while (true)
        {
            var isNumberComplete = _received == sizeof(int);
            // One read never goes beyond the number: a descriptor comes with the byte after it.
            if (socket.Receive(isNumberComplete ? descriptorByte : _number.AsSpan(_received), out var descriptor) is not { } count)
                return CriuProgress.Restoring;
            if (count == 0)
                return CriuProgress.Disconnected;
            if (isNumberComplete)
            {
                _received = 0;
                var pid = BinaryPrimitives.ReadInt32LittleEndian(_number);
                if (descriptor is null)
                    throw new InvalidDataException($"CRIU sent no userfaultfd for task {pid}");
                taskRestored(pid, new UserFaultFd(descriptor));
                continue;
            }
            _received += count;
            if (_received < sizeof(int))
                continue;
            var number = BinaryPrimitives.ReadInt32LittleEndian(_number);
            if (number == RestoreFinished)
                return CriuProgress.Restored;
            if (number < 0)
                _received = 0; // a zombie has no memory
        }
    }

    public void Dispose() => socket.Dispose();
}
