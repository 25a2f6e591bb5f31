using System.Globalization;
using System.Text;
using Microsoft.Win32.SafeHandles;
using Stasis.Linux.Events;
using Stasis.Linux.Files;
using Stasis.Linux.Native;

namespace Stasis.Linux.Network;

/// <summary>A stream socket of unix(7), which can pass descriptors. Only the owner can connect: the socket's file has mode 0600.</summary>
public sealed unsafe class UnixSocket : IDisposable
{
    private const int Backlog = 128;

    /// <summary>Takes ownership of a socket's descriptor.</summary>
    public UnixSocket(SafeFileHandle handle) => Handle = handle;

    /// <summary>The descriptor.</summary>
    public SafeFileHandle Handle { get; }

    /// <summary>Listens on a path. Replaces a file of that name. <see cref="Accept"/> of the socket doesn't block.</summary>
    public static UnixSocket Listen(string path)
    {
        using var folder = DirectoryHandle.Open(Path.GetDirectoryName(path)!);
        File.Delete(path);
        var socket = Make(Libc.SOCK_NONBLOCK);
        var address = Address(folder, path);
        // Before bind(2), which gives the file the socket's own mode (net/unix/af_unix.c).
        if (Libc.fchmod(socket.Handle, 0x180) != 0 || Libc.bind(socket.Handle, &address, (uint)sizeof(Libc.SockAddrUn)) != 0)
            throw socket.Fail("bind", path);
        return Libc.listen(socket.Handle, Backlog) == 0 ? socket : throw socket.Fail("listen", path);
    }

    /// <summary>Connects to a path. Null if nothing listens there.</summary>
    public static UnixSocket? TryConnect(string path)
    {
        if (!Directory.Exists(Path.GetDirectoryName(path)))
            return null;
        using var folder = DirectoryHandle.Open(Path.GetDirectoryName(path)!);
        var socket = Make(0);
        var address = Address(folder, path);
        if (Libc.connect(socket.Handle, &address, (uint)sizeof(Libc.SockAddrUn)) == 0)
            return socket;
        return LinuxException.LastErrno is Errno.ENOENT or Errno.ECONNREFUSED ? NotListening(socket) : throw socket.Fail("connect", path);
    }

    /// <summary>Accepts the next pending connection; null if there is none.</summary>
    public UnixSocket? Accept()
    {
        var handle = Libc.accept4(Handle, null, null, Libc.SOCK_CLOEXEC);
        if (!handle.IsInvalid)
            return new UnixSocket(handle);
        var error = LinuxException.Last("accept");
        handle.Dispose();
        return error.Errno is Errno.EAGAIN or Errno.EINTR or Errno.ECONNABORTED ? null : throw error;
    }

    /// <summary>Receives bytes, and a descriptor if one was sent with them. Doesn't block.</summary>
    /// <returns>How many bytes; 0 if the peer has closed its end; null if nothing has arrived.</returns>
    public int? Receive(Span<byte> buffer, out SafeFileHandle? descriptor) => Receive(buffer, Libc.MSG_DONTWAIT, out descriptor);

    /// <summary>Receives until the peer closes its end. Blocks.</summary>
    /// <param name="limit">The time limit; <see cref="Timeout.InfiniteTimeSpan"/> for none.</param>
    /// <exception cref="TimeoutException">The time limit has passed.</exception>
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
                var left = (int)Math.Clamp(deadline - Environment.TickCount64, 0, int.MaxValue);
                if (DescriptorWait.Poll(new Span<Libc.PollFd>(ref entry), left) == 0)
                    throw new TimeoutException($"no answer within {limit.TotalSeconds} s");
            }
            var count = Receive(buffer, Libc.MSG_DONTWAIT, out var descriptor);
            descriptor?.Dispose();
            if (count == 0)
                return answer.ToArray();
            answer.Write(buffer[..(count ?? 0)]);
        }
    }

    /// <summary>Sends all bytes, and a descriptor with the first one. Blocks.</summary>
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

    /// <summary>Closes the sending direction: the peer sees the end of the stream.</summary>
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

    // Through the folder's descriptor, since a socket's path is limited to 107 bytes.
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

    private static UnixSocket? NotListening(UnixSocket socket)
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
            var message = new Libc.MsgHdr
            {
                Vectors = &vector,
                VectorCount = 1,
                Control = &control,
                ControlLength = (nuint)sizeof(Libc.OneDescriptor),
            };
            count = Libc.recvmsg(Handle, &message, flags | Libc.MSG_CMSG_CLOEXEC);
        }
        var hasDescriptor = count > 0 && control.Level == Libc.SOL_SOCKET && control.Type == Libc.SCM_RIGHTS;
        descriptor = hasDescriptor ? new SafeFileHandle(control.Descriptor, ownsHandle: true) : null;
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
