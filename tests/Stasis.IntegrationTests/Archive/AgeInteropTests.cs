using Stasis.Engine.Formats.Age;
using Stasis.Linux.Files;
using Stasis.Linux.Processes;
using Xunit;

namespace Stasis.IntegrationTests.Archive;

/// <summary>The distribution's age reads what Stasis encrypts, and the other way round.</summary>
public sealed class AgeInteropTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("stasis-age-").FullName;

    public void Dispose() => FileTree.Remove(_folder);

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(65535)]
    [InlineData(65536)]
    [InlineData(65537)]
    [InlineData(131072)]
    [InlineData(10_000_000)]
    public async Task Both_ways(int size)
    {
        var data = new byte[size];
        new Random(size).NextBytes(data);
        await ShellAsync("age-keygen -o one && age-keygen -o two");
        Write("plain", data);
        var identities = AgeKeyFiles.ReadIdentities([PathOf("one"), PathOf("two")]);
        Assert.Equal(2, identities.Count);
        Assert.Equal((await ShellAsync("age-keygen -y one && age-keygen -y two")).Trim(),
            string.Join('\n', identities.Select(identity => identity.Recipient)));

        using (var file = File.Create(PathOf("ours")))
        using (var stream = new AgeWriteStream(file, [.. identities.Select(identity => identity.Recipient)]))
        {
            stream.Write(data);
            stream.End();
        }
        await ShellAsync("age -d -i one ours | cmp - plain && age -d -i two ours | cmp - plain");

        await ShellAsync(
            """age-keygen -o other; for k in one two other; do set -- "$@" -r "$(age-keygen -y $k)"; done; age "$@" -o theirs plain""");
        foreach (var identity in identities)
        {
            using var stream = new AgeReadStream(File.OpenRead(PathOf("theirs")), [identity]);
            var decrypted = new MemoryStream();
            await stream.CopyToAsync(decrypted, TestContext.Current.CancellationToken);
            Assert.Equal(data, decrypted.ToArray());
        }
    }

    [Fact]
    public async Task Age_takes_keys_made_here()
    {
        var identity = AgeIdentity.Generate();
        Write("key", System.Text.Encoding.ASCII.GetBytes($"# made by a test\n\n{identity.Export()}\n"));
        Assert.Equal(identity.Recipient.ToString(), (await ShellAsync("age-keygen -y key")).Trim());
    }

    [Fact]
    public async Task Other_files_of_age_are_told_apart()
    {
        await ShellAsync(
            "age-keygen -o key; chmod 600 key; age -r $(age-keygen -y key) -o key.age key; chmod 600 key.age; age -a -r $(age-keygen -y "
                + "key) -o armored key; ssh-keygen -q -t ed25519 -N '' -f ssh; age -r \"$(cat ssh.pub)\" -o for-ssh key");
        Assert.EndsWith("it is encrypted itself", Refused(() => AgeKeyFiles.ReadIdentities([PathOf("key.age")])), StringComparison.Ordinal);
        Assert.EndsWith("line 1 is not an age identity (AGE-SECRET-KEY-1…)", Refused(() => AgeKeyFiles.ReadIdentities([PathOf("ssh")])),
            StringComparison.Ordinal);
        Assert.Contains("a kind that isn't understood (ssh-ed25519)",
            Refused(() => new AgeReadStream(File.OpenRead(PathOf("for-ssh")), AgeKeyFiles.ReadIdentities([PathOf("key")]))),
                StringComparison.Ordinal);
        await ShellAsync("chmod 644 key");
        Assert.EndsWith("others may read it (mode 0644)", Refused(() => AgeKeyFiles.ReadIdentities([PathOf("key")])),
            StringComparison.Ordinal);
    }

    private static string Refused(Func<object> action) => Assert.ThrowsAny<Stasis.Engine.Errors.StasisException>(action).Message;

    private string PathOf(string name) => Path.Combine(_folder, name);

    private void Write(string name, byte[] content) => AtomicFile.Write(PathOf(name), content, durable: false);

    private async Task<string> ShellAsync(string script)
    {
        var result =
            await Spawn.RunAsync(
                new SpawnOptions { Program = "bash", Arguments = ["-o", "pipefail", "-c", script], WorkingDirectory = _folder }, null,
                    TestContext.Current.CancellationToken);
        Assert.True(result.ExitCode == 0, result.Error + result.Output);
        return result.Output;
    }
}
