using System.Globalization;
using System.Text;
using Microsoft.Win32.SafeHandles;
using Stasis.Linux.Events;
using Stasis.Linux.Files;
using Stasis.Linux.Native;

namespace Stasis.Linux.Network;

/// <summary>A stream socket of this machine (unix(7)), which carries descriptors too. Only its owner can connect: the socket's file has mode 0600.</summary>
public sealed unsafe class UnixSocket : IDisposable
{
    private const int Backlog = 128;

    /// <summary>A socket that was inherited, by its descriptor.</summary>
    public UnixSocket(SafeFileHandle handle) => Handle = handle;

    /// <summary>Its descriptor.</summary>
    public SafeFileHandle Handle { get; }

    /// <summary>Makes the socket's file, in place of one that is there, and listens. <see cref="Accept"/> doesn't wait.</summary>
    public static UnixSocket Listen(string path)
    {
        using var folder = DirectoryHandle.Open(Path.GetDirectoryName(path)!);
        File.Delete(path);
        var socket = Make(Libc.SOCK_NONBLOCK);
        var address = Address(folder, path);
        // Before the bind: the file that it makes has the socket's own mode (net/unix/af_unix.c).
        if (Libc.fchmod(socket.Handle, 0x180) != 0 || Libc.bind(socket.Handle, &address, (uint)sizeof(Libc.SockAddrUn)) != 0)
            throw socket.Fail("bind", path);
        return Libc.listen(socket.Handle, Backlog) == 0 ? socket : throw socket.Fail("listen", path);
    }

    /// <summary>Connects. Null if nobody listens there.</summary>
    public static UnixSocket? TryConnect(string path)
    {
        if (!Directory.Exists(Path.GetDirectoryName(path)))
            return null;
        using var folder = DirectoryHandle.Open(Path.GetDirectoryName(path)!);
        var socket = Make(0);
        var address = Address(folder, path);
        if (Libc.connect(socket.Handle, &address, (uint)sizeof(Libc.SockAddrUn)) == 0)
            return socket;
        return LinuxException.LastErrno is Errno.ENOENT or Errno.ECONNREFUSED ? Nobody(socket) : throw socket.Fail("connect", path);
    }

    /// <summary>The next who connects, or null if nobody waits.</summary>
    public UnixSocket? Accept()
    {
        var handle = Libc.accept4(Handle, null, null, Libc.SOCK_CLOEXEC);
        if (!handle.IsInvalid)
            return new UnixSocket(handle);
        var error = LinuxException.Last("accept");
        handle.Dispose();
        return error.Errno is Errno.EAGAIN or Errno.EINTR or Errno.ECONNABORTED ? null : throw error;
    }

    /// <summary>Receives what has come, and the descriptor that came with it. Doesn't wait.</summary>
    /// <returns>Bytes; 0 when the other end is closed; null if nothing has come.</returns>
    public int? Receive(Span<byte> buffer, out SafeFileHandle? descriptor) => Receive(buffer, Libc.MSG_DONTWAIT, out descriptor);

    /// <summary>Waits for a whole answer: until the other end is closed, but for <paramref name="limit"/> at most (<see cref="Timeout.InfiniteTimeSpan"/>: without end).</summary>
    /// <exception cref="TimeoutException">It took longer.</exception>
    public byte[] ReceiveAll(TimeSpan limit)
    {
        var answer = new MemoryStream();
        var deadline = limit == Timeout.InfiniteTimeSpan ? long.MaxValue : Environment.TickCount64 + (long)limit.TotalMilliseconds;
        Span<byte> buffer = stackalloc byte[4096];
        while (true)
        {
            using (var held = new Borrowed(Handle))
            {
                var entry = new Libc.PollFd { Fd = held.Fd, Events = Libc.POLLIN };
                if (Poller.Poll(new Span<Libc.PollFd>(ref entry), (int)Math.Clamp(deadline - Environment.TickCount64, 0, int.MaxValue)) == 0)
                    throw new TimeoutException($"no answer within {limit.TotalSeconds} s");
            }
            var count = Receive(buffer, Libc.MSG_DONTWAIT, out var descriptor);
            descriptor?.Dispose();
            if (count == 0)
                return answer.ToArray();
            answer.Write(buffer[..(count ?? 0)]);
        }
    }

    /// <summary>Sends all of it, and a descriptor with its first byte.</summary>
    public void Send(ReadOnlySpan<byte> bytes, SafeFileHandle? descriptor = null)
    {
        using var held = new Borrowed(descriptor ?? Handle);
        var control = new Libc.OneDescriptor { Length = 20, Level = Libc.SOL_SOCKET, Type = Libc.SCM_RIGHTS, Descriptor = held.Fd };
        fixed (byte* p = bytes)
        {
            for (var done = 0; done < bytes.Length;)
            {
                var vector = new Libc.IoVec { Base = p + done, Length = (nuint)(bytes.Length - done) };
                var message = new Libc.MsgHdr { Vectors = &vector, VectorCount = 1 };
                if (descriptor is not null && done == 0)
                {
                    message.Control = &control;
                    message.ControlLength = (nuint)sizeof(Libc.OneDescriptor);
                }
                nint count = Libc.sendmsg(Handle, &message, Libc.MSG_NOSIGNAL);
                if (count < 0 && LinuxException.LastErrno != Errno.EINTR)
                    throw LinuxException.Last("sendmsg");
                done += (int)Math.Max(count, 0);
            }
        }
    }

    /// <summary>Says that nothing more will be sent.</summary>
    public void EndSending()
    {
        if (Libc.shutdown(Handle, Libc.SHUT_WR) != 0)
            throw LinuxException.Last("shutdown");
    }

    /// <inheritdoc/>
    public void Dispose() => Handle.Dispose();

    private static UnixSocket Make(int flags)
    {
        var handle = Libc.socket(Libc.AF_UNIX, Libc.SOCK_STREAM | Libc.SOCK_CLOEXEC | flags, 0);
        return handle.IsInvalid ? throw LinuxException.Last("socket") : new UnixSocket(handle);
    }

    // By way of the folder's descriptor: a socket's path may have no more than 107 bytes.
    private static Libc.SockAddrUn Address(DirectoryHandle folder, string path)
    {
        var address = new Libc.SockAddrUn { Family = Libc.AF_UNIX };
        using var held = new Borrowed(folder.Handle);
        var name = Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"/proc/self/fd/{held.Fd}/{Path.GetFileName(path)}"));
        if (name.Length >= Libc.SockAddrUn.PathSize)
            throw new LinuxException("bind", path, Errno.ENAMETOOLONG);
        name.CopyTo(new Span<byte>(address.Path, Libc.SockAddrUn.PathSize));
        return address;
    }

    private static UnixSocket? Nobody(UnixSocket socket)
    {
        socket.Dispose();
        return null;
    }

    private int? Receive(Span<byte> buffer, int flags, out SafeFileHandle? descriptor)
    {
        Libc.OneDescriptor control = default;
        nint count;
        fixed (byte* p = buffer)
        {
            var vector = new Libc.IoVec { Base = p, Length = (nuint)buffer.Length };
            var message = new Libc.MsgHdr { Vectors = &vector, VectorCount = 1, Control = &control, ControlLength = (nuint)sizeof(Libc.OneDescriptor) };
            count = Libc.recvmsg(Handle, &message, flags | Libc.MSG_CMSG_CLOEXEC);
        }
        descriptor = count > 0 && control.Level == Libc.SOL_SOCKET && control.Type == Libc.SCM_RIGHTS ? new SafeFileHandle(control.Descriptor, ownsHandle: true) : null;
        if (count >= 0)
            return (int)count;
        return LinuxException.LastErrno switch
        {
            Errno.EAGAIN or Errno.EINTR => null,
            Errno.ECONNRESET => 0,
            _ => throw LinuxException.Last("recvmsg"),
        };
    }

    private LinuxException Fail(string operation, string path)
    {
        var error = LinuxException.Last(operation, path);
        Dispose();
        return error;
    }
}
