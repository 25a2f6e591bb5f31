using System.Net.Sockets;
using Microsoft.Win32.SafeHandles;
using Stasis.Linux;
using Stasis.Linux.Files;
using Stasis.Linux.Processes;
using Xunit;

namespace Stasis.UnitTests.Linux.Files;

public sealed class StandardStreamTests : IDisposable
{
    private readonly TempDirectory _temp = new();

    public void Dispose() => _temp.Dispose();

    [Fact]
    public async Task Everything_is_written_though_the_reader_is_slow_and_the_descriptor_does_not_block()
    {
        var address = new UnixDomainSocketEndPoint(Path.Combine(_temp.Path, "socket"));
        using var listener = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        listener.Bind(address);
        listener.Listen();
        using var writer = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        writer.Connect(address);
        writer.Blocking = false;
        using var reader = listener.Accept();
        var sent = new byte[1 << 20];
        new Random(1).NextBytes(sent);

        using var handle = new SafeFileHandle(writer.Handle, ownsHandle: false);
        var writing = Task.Run(() => new StandardStream(handle, "it").Write(sent), TestContext.Current.CancellationToken);
        await Eventually.TrueAsync(() => reader.Available > 0 && !writer.Poll(0, SelectMode.SelectWrite), "the socket's buffer full");
        Assert.False(writing.IsCompleted);
        var received = new byte[sent.Length];
        for (var at = 0; at < received.Length;)
            at += await reader.ReceiveAsync(received.AsMemory(at), TestContext.Current.CancellationToken);
        await writing;

        Assert.Equal(sent, received);
    }

    [Fact]
    public void Processes_that_share_the_file_append_to_it()
    {
        var path = Path.Combine(_temp.Path, "file");
        using var file = File.OpenHandle(path, FileMode.Create, FileAccess.Write);
        using var same = new SafeFileHandle(file.DangerousGetHandle(), ownsHandle: false);
        new StandardStream(file, "one").Write("one "u8);
        new StandardStream(same, "two").Write("two "u8);
        new StandardStream(file, "one").Write("three"u8);
        Assert.Equal("one two three", File.ReadAllText(path));
    }

    [Fact]
    public void A_failed_write_names_the_stream()
    {
        var (read, write) = Pipe.Create();
        read.Dispose();
        using (write)
        {
            var error = Assert.Throws<LinuxException>(() => new StandardStream(write, "standard output").Write("x"u8));
            Assert.Equal("write standard output: Broken pipe", error.Message);
        }
    }
}
