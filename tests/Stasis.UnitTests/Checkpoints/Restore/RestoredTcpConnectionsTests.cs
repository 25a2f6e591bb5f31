using Stasis.Engine.Archive;
using Stasis.Engine.Checkpoints;
using Stasis.Engine.Checkpoints.Restore;
using Stasis.Engine.Errors;
using Xunit;

namespace Stasis.UnitTests.Checkpoints.Restore;

public sealed class RestoredTcpConnectionsTests : IDisposable
{
    private readonly TempDirectory _temp = new();

    private CheckpointEntryPaths Checkpoint => new(_temp.Path);

    public void Dispose() => _temp.Dispose();

    [Fact]
    public void Connections_are_refused_unless_it_was_said_what_becomes_of_them()
    {
        Directory.CreateDirectory(Checkpoint.Images);
        RestoredTcpConnections.RequireHandled(Checkpoint, TcpConnectionHandling.Refuse, "a.tar"); // none
        File.WriteAllBytes(Path.Combine(Checkpoint.Images, "tcp-stream-1.img"), []);
        RestoredTcpConnections.RequireHandled(Checkpoint, TcpConnectionHandling.Keep, "a.tar");
        RestoredTcpConnections.RequireHandled(Checkpoint, TcpConnectionHandling.Close, "a.tar");
        var error = Assert.Throws<StasisException>(() =>
            RestoredTcpConnections.RequireHandled(Checkpoint, TcpConnectionHandling.Refuse, "a.tar"));
        Assert.Equal("a.tar holds 1 established TCP connection", error.Message);
    }
}
