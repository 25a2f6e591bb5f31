using System.Net.Sockets;
using System.Text;
using Stasis.Linux.Files;
using Stasis.Linux.Network;
using Xunit;

namespace Stasis.IntegrationTests.Kernel;

public sealed class UnixSocketTableTests
{
    private const string OwnNamespace = "/proc/self/ns/net";

    [Fact]
    public void Connection_is_found_with_both_ends_and_the_file_by_its_inode_whatever_its_name()
    {
        var folder = Directory.CreateTempSubdirectory("stasis-unix-").FullName;
        try
        {
            var (first, second) = (Path.Combine(folder, "first"), Path.Combine(folder, "second"));
            using var server = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            server.Bind(new UnixDomainSocketEndPoint(first));
            server.Listen();
            File.Move(first, second);
            using var client = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            client.Connect(new UnixDomainSocketEndPoint(second));
            using var accepted = server.Accept();

            var table = UnixSocketTable.Read(OwnNamespace).ToDictionary(socket => socket.Inode);

            var bound = table[ReadInode(server)];
            Assert.Equal(first, Encoding.UTF8.GetString(bound.Name));
            Assert.Equal((uint)FileStatus.Read(second).Inode, bound.FileInode);
            Assert.True(bound.HasPath);
            Assert.Equal(0u, bound.Peer);
            Assert.Equal(ReadInode(accepted), table[ReadInode(client)].Peer);
            Assert.Equal(ReadInode(client), table[ReadInode(accepted)].Peer);

            using var taken = DuplicatedProcessSocket.TryTake(Environment.ProcessId, (int)server.Handle);
            Assert.NotNull(taken);
            Assert.True(taken.IsUnix);
            Assert.Equal(second, taken.FindFile());
            Assert.Contains(taken.ReadNeighbours(), socket => socket.Inode == bound.Inode);
        }
        finally
        {
            FileTree.Remove(folder);
        }
    }

    // "socket:[N]"
    private static uint ReadInode(Socket socket) =>
        uint.Parse(new FileInfo($"/proc/self/fd/{socket.Handle}").LinkTarget!["socket:[".Length..^1]);
}
