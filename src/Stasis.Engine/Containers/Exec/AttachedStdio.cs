using System.Globalization;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Text;
using Stasis.Engine.Errors;
using Stasis.Engine.Oci;
using Stasis.Engine.Storage;
using Stasis.Linux.Files;
using Stasis.Linux.Processes;

namespace Stasis.Engine.Containers.Exec;

/// <summary>
/// Attaches the stdio of this process to a process in a container, through conmon's socket (containers/conmon src/conn_sock.c).
/// The socket carries packets; those from conmon begin with a byte that names the stream. Shutting down this side closes the
/// process's standard input.
/// </summary>
internal sealed class AttachedStdio : IDisposable
{
    private const byte ErrorStream = 3; // src/utils.h: stdpipe_t; 2 is standard output
    private const int MaxPacket = 8192 + 1; // src/config.h: STDIO_BUF_SIZE, plus the byte that names the stream
    private const int MaxSize = 1000; // of a terminal's rows and columns; conmon refuses more

    private readonly Socket _socket;
    private readonly string _folder;
    private readonly bool _tty;
    private readonly bool _input;
    private readonly byte[] _detachKeys;

    private AttachedStdio(Socket socket, string folder, bool tty, bool input, byte[] detachKeys) =>
        (_socket, _folder, _tty, _input, _detachKeys) = (socket, folder, tty, input, detachKeys);

    /// <summary>Connects to a conmon. No output is missed if this completes before the process runs.</summary>
    /// <param name="folder">The folder of conmon's socket and control FIFO: a container's bundle, or an exec session's folder.</param>
    /// <param name="tty">The process has a terminal.</param>
    /// <param name="input">Standard input is passed on.</param>
    /// <param name="detachKeys">Keys that end the attachment when typed at a terminal (<see cref="DetachKeys"/>).</param>
    /// <param name="cancellation">A cancelled call leaves no connection.</param>
    public static async Task<AttachedStdio> ConnectAsync(
        string folder, bool tty, bool input, byte[] detachKeys, CancellationToken cancellation)
    {
        var stdio = new AttachedStdio(await ConmonAccess.ConnectAsync(folder, cancellation), folder, tty, input, detachKeys);
        stdio.Resize();
        return stdio;
    }

    /// <summary>
    /// Passes bytes both ways. Returns true when the process's output has ended, and false when the user has typed the detach
    /// keys at a terminal.
    /// </summary>
    /// <exception cref="StasisException">
    /// This process's standard output was closed, or a signal asked this process to end while the terminal is in raw mode. The
    /// attached process runs on.
    /// </exception>
    public async Task<bool> RunAsync(CancellationToken cancellation)
    {
        var terminal = Terminal.Standard(0);
        using var raw = _tty && _input && Terminal.IsTerminal(terminal) ? Terminal.MakeRaw(terminal) : null;
        using var resized = _tty ? PosixSignalRegistration.Create(PosixSignal.SIGWINCH, _ => Resize()) : null;
        // Without these handlers, SIGTERM and SIGHUP would leave the user's terminal in raw mode.
        var ended = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var terminated = raw is null ? null : PosixSignalRegistration.Create(PosixSignal.SIGTERM, End);
        using var hungUp = raw is null ? null : PosixSignalRegistration.Create(PosixSignal.SIGHUP, End);

        var output = PassOutputAsync(cancellation);
        var input = _input ? PassInputAsync(cancellation) : Task.FromResult(false);
        var first = await Task.WhenAny(output, input, ended.Task);
        if (first == input && await input)
            return false;
        if (input.IsCompleted)
            EndInput();
        await await Task.WhenAny(output, ended.Task);
        return true;

        void End(PosixSignalContext context)
        {
            context.Cancel = true;
            ended.TrySetException(new AttachmentSignalledException(context.Signal));
        }
    }

    public void Dispose() => _socket.Dispose();

    private async Task PassOutputAsync(CancellationToken cancellation)
    {
        var packet = new byte[MaxPacket];
        while (await ReceiveAsync(packet, cancellation) is > 0 and var length)
        {
            try
            {
                var stream = packet[0] == ErrorStream ? StandardStream.Error : StandardStream.Output;
                await stream.WriteAsync(packet.AsMemory(1, length - 1), cancellation);
            }
            catch (IOException closed)
            {
                throw new StasisException($"passing on output: {closed.Message}; the process runs on", closed);
            }
        }
    }

    private async Task<int> ReceiveAsync(byte[] packet, CancellationToken cancellation)
    {
        try
        {
            return await _socket.ReceiveAsync(packet, cancellation);
        }
        catch (SocketException end) when (end.SocketErrorCode is SocketError.ConnectionReset or SocketError.Shutdown)
        {
            return 0; // conmon closed the socket before it had read all input
        }
    }

    // True if the detach keys were typed. They are looked for only at a terminal: elsewhere these bytes may be data.
    private async Task<bool> PassInputAsync(CancellationToken cancellation)
    {
        var keys = _tty ? new DetachKeys(_detachKeys) : null;
        using var input = StandardStream.Input;
        var buffer = new byte[MaxPacket - 1];
        while (await input.ReadAsync(buffer, cancellation) is > 0 and var length)
        {
            var (passOn, detach) = keys?.Scan(buffer.AsSpan(0, length)) ?? (buffer[..length], false);
            if (passOn.Length > 0 && !await SendAsync(passOn, cancellation))
                return false;
            if (detach)
                return true;
        }
        return false;
    }

    private async Task<bool> SendAsync(byte[] bytes, CancellationToken cancellation)
    {
        try
        {
            await _socket.SendAsync(bytes, cancellation);
            return true;
        }
        catch (SocketException)
        {
            return false; // the process has ended, which the end of its output reports
        }
    }

    private void EndInput()
    {
        try
        {
            _socket.Shutdown(SocketShutdown.Send);
        }
        catch (SocketException)
        {
            return; // the process has ended
        }
    }

    private void Resize()
    {
        var terminal = Enumerable.Range(0, 3).Select(Terminal.Standard).FirstOrDefault(Terminal.IsTerminal);
        if (!_tty || terminal is null)
            return;
        try
        {
            var (rows, columns) = Terminal.GetSize(terminal);
            // Opening a FIFO for reading and writing doesn't wait for a reader, should conmon be gone.
            var fifo = ContainerLayout.ControlFifo(_folder);
            using var control = new FileStream(fifo, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite, bufferSize: 0);
            var (height, width) = (Math.Min(rows, MaxSize), Math.Min(columns, MaxSize));
            control.Write(Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"1 {height} {width}\n")));
        }
        catch (IOException)
        {
            return; // the terminal is gone, or the container with its folder: there is nothing to resize
        }
    }
}
