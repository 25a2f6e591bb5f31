using System.Text;
using Microsoft.Win32.SafeHandles;
using Stasis.Linux.Events;
using Stasis.Linux.Native;

namespace Stasis.Linux.Processes;

/// <summary>Runs a program to its end: one thread polls the program's output, its end and the caller's token together.</summary>
internal sealed unsafe class ProcessRunner : IDisposable
{
    private readonly ChildProcess _child;
    private readonly CapturedPipe _output;
    private readonly CapturedPipe _error;

    public static Task<ProgramResult> RunAsync(SpawnOptions options, TimeSpan? timeout, CancellationToken cancellation)
    {
        if (cancellation.IsCancellationRequested)
            return Task.FromCanceled<ProgramResult>(cancellation);
        return Task.Factory.StartNew(
            () =>
            {
                using var capture = new ProcessRunner(options);
                return capture.Run(options.Program, timeout, cancellation);
            },
            cancellation,
            TaskCreationOptions.LongRunning,
            TaskScheduler.Default);
    }

    private ProcessRunner(SpawnOptions options)
    {
        var descriptors = new Dictionary<int, SafeFileHandle>(options.Descriptors);
        _output = new CapturedPipe(descriptors, 1);
        _error = new CapturedPipe(descriptors, 2);
        try
        {
            _child = Spawn.Start(options with { Descriptors = descriptors, NewProcessGroup = !options.NewSession });
        }
        catch
        {
            _output.Dispose();
            _error.Dispose();
            throw;
        }

        _output.CloseWriteEnd();
        _error.CloseWriteEnd();
    }

    private ProgramResult Run(string program, TimeSpan? timeout, CancellationToken cancellation)
    {
        var deadline = timeout is { } limit ? Environment.TickCount64 + (long)limit.TotalMilliseconds : long.MaxValue;
        using var cancelled = new EventDescriptor(cancellation);
        using var heldChild = new Borrowed(_child.PidFd.Handle);
        using var heldCancelled = new Borrowed(cancelled.Handle);
        Span<Libc.PollFd> entries =
        [
            new() { Fd = heldChild.Fd, Events = Libc.POLLIN },
            new() { Fd = heldCancelled.Fd, Events = Libc.POLLIN },
            new() { Events = Libc.POLLIN },
            new() { Events = Libc.POLLIN },
        ];
        while (entries[0].Returned == 0)
        {
            var left = deadline == long.MaxValue ? -1 : (int)Math.Clamp(deadline - Environment.TickCount64, 0, int.MaxValue);
            if (left == 0 || cancellation.IsCancellationRequested)
            {
                _child.KillGroup();
                _child.WaitAsync(CancellationToken.None).Wait(CancellationToken.None);
                cancellation.ThrowIfCancellationRequested();
                throw new TimeoutException($"{program} did not end within {timeout!.Value.TotalSeconds:0.###} s and was killed");
            }

            entries[2].Fd = _output.Fd;
            entries[3].Fd = _error.Fd;
            if (DescriptorWait.Poll(entries, left) == 0)
                continue;
            _output.Drain();
            _error.Drain();
        }

        _output.Drain(); // output since the last read
        _error.Drain();
        return new ProgramResult(_child.Reap(), _output.Text, _error.Text);
    }

    public void Dispose()
    {
        _child.Dispose();
        _output.Dispose();
        _error.Dispose();
    }

    /// <summary>A captured stream; captures nothing if the caller gave the child a descriptor for that stream.</summary>
    private sealed class CapturedPipe : IDisposable
    {
        private readonly SafeFileHandle? _read;
        private readonly SafeFileHandle? _write;
        private readonly MemoryStream _bytes = new();
        private bool _ended;

        public CapturedPipe(Dictionary<int, SafeFileHandle> descriptors, int number)
        {
            if (descriptors.ContainsKey(number))
                return;
            (_read, _write) = Pipe.Create();
            descriptors.Add(number, _write);
            _ = Libc.fcntl(_read, Libc.F_SETFL, Libc.O_NONBLOCK);
        }

        /// <summary>The descriptor to poll; -1, which poll(2) ignores, when the stream has ended.</summary>
        public int Fd => _read is null || _ended ? -1 : (int)_read.DangerousGetHandle();

        public string Text => Encoding.UTF8.GetString(_bytes.GetBuffer(), 0, (int)_bytes.Length);

        public void CloseWriteEnd() => _write?.Dispose();

        public void Drain()
        {
            if (_read is null || _ended)
                return;
            var buffer = stackalloc byte[4096];
            nint count;
            while ((count = Libc.read(_read, buffer, 4096)) > 0)
                _bytes.Write(new ReadOnlySpan<byte>(buffer, (int)count));
            if (count == 0)
                _ended = true;
            else if (LinuxException.LastErrno is not (Errno.EAGAIN or Errno.EINTR))
                throw LinuxException.Last("read");
        }

        public void Dispose()
        {
            _read?.Dispose();
            _write?.Dispose();
        }
    }
}
