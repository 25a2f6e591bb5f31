using Stasis.EndToEndTests.Harness;
using Xunit;

namespace Stasis.EndToEndTests.Secrecy;

/// <summary>Archives that only who has the key can read: in age's format, and nowhere in the clear when they are gone.</summary>
public sealed class EncryptionTests : IAsyncLifetime
{
    private const int Killed = 128 + 9;
    private readonly StasisHost _host = new();

    // Of a kind that a compressed or encrypted file has by chance once in the life of the universe.
    private readonly string _secret = $"secret-{Guid.NewGuid():N}";
    private string _recipient = "";

    private string Archive => _host.PathOf("c.tar.age");
    private string Key => _host.PathOf("key");

    public async ValueTask InitializeAsync()
    {
        await _host.ImportBusyboxAsync();
        await ShellAsync("age-keygen -o key 2>/dev/null; age-keygen -o other 2>/dev/null");
        _recipient = await ShellAsync("age-keygen -y key");
    }

    public ValueTask DisposeAsync() => _host.DisposeAsync();

    [Fact]
    public async Task Encrypted_archive_is_restored_with_the_key_alone()
    {
        var counted = await FreezeAsync();
        Assert.Equal("age-encryption.org/v1", (await ShellAsync($"head -n 1 {Archive}")).Trim());
        Assert.Equal("600", (await ShellAsync($"stat -c %a {Archive}")).Trim());
        await AssertNoSecretAsync();

        Assert.Contains("it is encrypted, and no identity was given", await _host.FailAsync("restore", "-i", Archive),
            StringComparison.Ordinal);
        Assert.Contains("none of the given identities can decrypt it",
            await _host.FailAsync("restore", "-i", Archive, "--identity", _host.PathOf("other")), StringComparison.Ordinal);
        await _host.OkAsync("restore", "-i", Archive, "--identity", _host.PathOf("other"), "--identity", Key);
        await _host.CountsBeyondAsync("c", counted);
        Assert.Equal(_secret, await _host.OkAsync("exec", "c", "cat", "/root/secret"));
    }

    [Fact]
    public async Task Age_decrypts_it_into_an_archive_and_encrypts_one_for_it()
    {
        await FreezeAsync();
        await ShellAsync($"age -d -i key -o plain.tar {Archive} && tar -tf plain.tar | grep -x config.dump");
        await ShellAsync($"zstd -q plain.tar && age -r {_recipient} -o theirs.age plain.tar.zst && rm plain.tar plain.tar.zst");
        await _host.OkAsync("restore", "-i", _host.PathOf("theirs.age"), "--identity", Key);
        Assert.Equal(_secret, await _host.OkAsync("exec", "c", "cat", "/root/secret"));
    }

    [Fact]
    public async Task Archive_goes_through_pipes_to_several_recipients()
    {
        await StartAsync();
        await ShellAsync(
            $"age-keygen -y other > recipients; {_host.Line} checkpoint --encrypt {_recipient} --encrypt recipients -e - c | tee "
                + $"both.age | {_host.Line} restore -i - --identity <(cat other) -n copy");
        Assert.Equal(_secret, await _host.OkAsync("exec", "copy", "cat", "/root/secret"));
        await ShellAsync("age -d -i key both.age >/dev/null && age -d -i other both.age > /dev/null");
    }

    [Fact]
    public async Task Archive_goes_through_the_store()
    {
        await FreezeAsync();
        Assert.Contains("no identity was given", await _host.FailAsync("checkpoint", "import", Archive, "kept"), StringComparison.Ordinal);
        Assert.Contains("it was given none", await _host.FailAsync("checkpoint", "import", Archive, "--identity", Key),
            StringComparison.Ordinal);
        await AssertNoSecretAsync();
        await _host.OkAsync("checkpoint", "import", Archive, "kept", "--identity", Key);
        await _host.OkAsync("checkpoint", "export", "--encrypt", _recipient, "kept", _host.PathOf("again.age"));
        await _host.OkAsync("checkpoint", "rm", "kept");
        await AssertNoSecretAsync();
        await _host.OkAsync("restore", "-i", _host.PathOf("again.age"), "--identity", Key);
        Assert.Equal(_secret, await _host.OkAsync("exec", "c", "cat", "/root/secret"));
        await _host.OkAsync("rm", "-f", "c");
        await AssertNoSecretAsync();
    }

    [Fact]
    public async Task Failed_command_leaves_nothing_in_the_clear()
    {
        await FreezeAsync();
        await ShellAsync(
            $"head -c -40 {Archive} > truncated; cat {Archive} key > trailing; cp {Archive} damaged; printf X | dd of=damaged bs=1 "
                + $"seek=$(($(stat -c %s damaged) - 100)) conv=notrunc status=none");
        foreach (var file in (string[])["truncated", "trailing", "damaged"])
        {
            var error = await _host.FailAsync("restore", "-i", _host.PathOf(file), "--identity", Key);
            Assert.Contains("age data, offset ", error, StringComparison.Ordinal);
        }
        await _host.RunWithAsync(["STASIS_FAULT=restore.unpacked=error"], "restore", "-i", Archive, "--identity", Key);
        await AssertNoSecretAsync();
        Assert.Equal("", await _host.OkAsync("ps", "-aq"));
    }

    [Theory]
    [InlineData("archive.unpacked")]
    [InlineData("restore.unpacked")]
    public async Task Killed_command_leaves_clear_text_until_the_next_command_at_most(string step)
    {
        await FreezeAsync();
        Assert.Equal(Killed,
            (await _host.RunWithAsync([$"STASIS_FAULT={step}=kill"], "restore", "-i", Archive, "--identity", Key)).ExitCode);
        await _host.OkAsync("ps");
        await AssertNoSecretAsync();
    }

    [Theory]
    [InlineData("checkpoint.taken")]
    [InlineData("archive.entry")]
    public async Task A_checkpoint_that_is_killed_leaves_no_archive(string step)
    {
        await StartAsync();
        Assert.Equal(Killed,
            (await _host.RunWithAsync(
                [$"STASIS_FAULT={step}=kill"],
                "checkpoint",
                "-e",
                Archive,
                "-c",
                "none",
                "--encrypt",
                _recipient,
                "c")).ExitCode);
        await _host.CountsOnAsync("c");
        Assert.False(File.Exists(Archive));
        await _host.OkAsync("rm", "-f", "c");
        await AssertNoSecretAsync();
    }

    [Fact]
    public async Task Impossible_key_is_refused_before_anything_is_touched()
    {
        await StartAsync();
        Assert.Contains("--encrypt can only be used with --export", await _host.FailAsync("checkpoint", "--encrypt", _recipient, "c"),
            StringComparison.Ordinal);
        Assert.Contains("\"age1nobody\" is not a recipient",
            await _host.FailAsync("checkpoint", "--encrypt", "age1nobody", "-e", Archive, "c"), StringComparison.Ordinal);
        Assert.Contains("a secret key was given as a recipient",
            await _host.FailAsync("checkpoint", "--encrypt", (await ShellAsync("grep AGE- key")).Trim(), "-e", Archive, "c"),
                StringComparison.Ordinal);
        Assert.Contains("--identity can only be used with --import", await _host.FailAsync("restore", "--identity", Key, "c"),
            StringComparison.Ordinal);
        await ShellAsync("chmod 640 key");
        Assert.Contains($"chmod 600 {Key}", await _host.FailAsync("restore", "-i", Archive, "--identity", Key), StringComparison.Ordinal);
        Assert.False(File.Exists(Archive));
        await _host.CountsOnAsync("c");
    }

    private async Task StartAsync()
    {
        await _host.StartCounterAsync("c");
        // Through a pipe, so that no command line has it.
        await ShellAsync($"echo {_secret} | {_host.Line} exec -i c sh -c 'cat > /root/secret'");
    }

    // Not compressed: an archive in the clear would show the secret.
    private async Task<int> FreezeAsync()
    {
        await StartAsync();
        await _host.OkAsync("checkpoint", "-e", Archive, "-c", "none", "--encrypt", _recipient, "c");
        var counted = await _host.LastCountAsync("c");
        await _host.OkAsync("rm", "c");
        return counted;
    }

    private async Task AssertNoSecretAsync()
    {
        var found = await _host.ShellAsync($"grep -rlaF {_secret} {_host.Folder} {_host.RunRoot}");
        Assert.Equal((1, ""), (found.ExitCode, found.Output));
    }

    private async Task<string> ShellAsync(string script)
    {
        var result = await _host.ShellAsync($"set -eo pipefail; {script}");
        Assert.True(result.ExitCode == 0, result.Error + result.Output);
        return result.Output.Trim();
    }
}
