using Stasis.Linux.Processes;
using Xunit;

namespace Stasis.IntegrationTests.Oci;

public sealed class KeyringTests
{
    [Fact]
    public async Task A_child_with_a_keyring_of_its_own_has_one()
    {
        // Other containers' conmons come and go meanwhile; the child's own is one that nobody else lists.
        var before = await SessionsAsync(false);
        var own = await SessionsAsync(true);

        Assert.NotEmpty(own.Except(before));
    }

    // /proc/keys lists what the reader may see: a session keyring without a name is called _ses.
    private static async Task<List<string>> SessionsAsync(bool own)
    {
        var (read, write) = Pipe.Create();
        using var child = Spawn.Start(new SpawnOptions
        {
            Program = "cat",
            Arguments = ["/proc/keys"],
            NewSessionKeyring = own,
            Descriptors = new Dictionary<int, Microsoft.Win32.SafeHandles.SafeFileHandle> { [1] = write },
        });
        write.Dispose();
        using var reader = new StreamReader(new FileStream(read, FileAccess.Read));
        var keys = await reader.ReadToEndAsync(TestContext.Current.CancellationToken);
        Assert.Equal(0, await child.WaitAsync(TestContext.Current.CancellationToken));
        return [.. keys.Split('\n').Where(line => line.Contains("keyring   _ses:", StringComparison.Ordinal)).Select(line => line[..8])];
    }
}
