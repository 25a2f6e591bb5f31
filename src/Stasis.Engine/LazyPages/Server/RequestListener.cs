using System.Text.Json;
using Microsoft.Win32.SafeHandles;
using Stasis.Linux.Network;

namespace Stasis.Engine.LazyPages.Server;

/// <summary>
/// Accepts the requests of restores: a line of JSON (<see cref="PageServerRequest"/>), with the socket that CRIU will connect to.
/// </summary>
/// <param name="loop">The loop that watches the sockets.</param>
/// <param name="control">The listening socket.</param>
/// <param name="requested">
/// Called for each request: the connection that it came by, the request, the socket that CRIU will connect to.
/// </param>
internal sealed class RequestListener(EventLoop loop, UnixSocket control, Action<UnixSocket, PageServerRequest, UnixSocket> requested)
{
    /// <summary>Accepts all pending connections. Doesn't block.</summary>
    public void Accept()
    {
        while (control.Accept() is { } connection)
        {
            uint number = 0;
            var text = new MemoryStream();
            SafeFileHandle? listener = null;
            number = loop.Watch(connection.Handle, () =>
            {
                var buffer = new byte[4096];
                while (connection.Receive(buffer, out var descriptor) is { } count)
                {
                    listener ??= descriptor;
                    text.Write(buffer, 0, count);
                    if (count == 0 || buffer[count - 1] == '\n')
                    {
                        loop.Unwatch(number, connection.Handle);
                        Read(connection, text.ToArray(), listener);
                        return;
                    }
                }
            });
        }
    }

    private void Read(UnixSocket connection, byte[] request, SafeFileHandle? listener)
    {
        if (request.Length == 0 || listener is null)
            connection.Dispose(); // the restore has ended before it had asked
        else
            requested(connection, JsonSerializer.Deserialize(request, EngineJson.Default.PageServerRequest)!, new UnixSocket(listener));
    }
}
