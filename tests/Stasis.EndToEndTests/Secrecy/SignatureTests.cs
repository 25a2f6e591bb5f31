using Stasis.EndToEndTests.Harness;
using Xunit;

namespace Stasis.EndToEndTests.Secrecy;

/// <summary>
/// Signed archives: what Stasis signs, ssh-keygen verifies, and the other way round; what isn't signed as it must be is not restored.
/// </summary>
public sealed class SignatureTests : IAsyncLifetime
{
    private readonly StasisHost _host = new();

    private string Archive => _host.PathOf("c.tar.zst");

    public async ValueTask InitializeAsync()
    {
        await _host.ImportBusyboxAsync();
        await _host.StartCounterAsync("c");
        await _host.OkAsync("checkpoint", "-e", Archive, "c");
        await _host.OkAsync("rm", "c");
        await ShellAsync(
            "for k in alice mallory; do ssh-keygen -q -t ed25519 -N '' -C $k -f $k; done; echo \"alice@example.org $(cat alice.pub)\" "
                + "> allowed");
    }

    public ValueTask DisposeAsync() => _host.DisposeAsync();

    [Fact]
    public async Task Signature_by_Stasis_is_verified_by_ssh_keygen()
    {
        Assert.Equal(Archive + ".sig", await _host.OkAsync("archive", "sign", "--key", _host.PathOf("alice"), Archive));
        Assert.Contains("Good \"stasis-archive\" signature for alice@example.org",
            await ShellAsync($"ssh-keygen -Y verify -f allowed -I alice@example.org -n stasis-archive -s {Archive}.sig < {Archive}"),
                StringComparison.Ordinal);
        await _host.OkAsync("restore", "-i", Archive, $"--require-signature={_host.PathOf("alice.pub")}");
        await _host.CountsOnAsync("c");
        await _host.OkAsync("restore", "-i", Archive, "-n", "copy", $"--require-signature={_host.PathOf("allowed")}");
        Assert.Contains("signed by alice@example.org", await _host.OkAsync("archive", "verify", "--key", _host.PathOf("allowed"), Archive),
            StringComparison.Ordinal);
        var refused = await _host.RunAsync("archive", "verify", "--key", _host.PathOf("mallory.pub"), Archive);
        Assert.Equal(1, refused.ExitCode);
        Assert.Contains("which is not among those of", refused.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")] // SHA-512
    [InlineData("-O hashalg=sha256")]
    public async Task Signature_by_ssh_keygen_is_verified_by_Stasis(string options)
    {
        await ShellAsync($"ssh-keygen -Y sign {options} -f alice -n stasis-archive {Archive}");
        await _host.OkAsync("restore", "-i", Archive, $"--require-signature={_host.PathOf("alice.pub")}");
    }

    [Fact]
    public async Task Keys_with_a_passphrase_are_the_agent_s()
    {
        await ShellAsync("ssh-keygen -q -p -N hunter2 -f alice");
        var error = await _host.FailAsync("archive", "sign", "--key", _host.PathOf("alice"), Archive);
        Assert.Contains("no SSH agent is running", error, StringComparison.Ordinal);
        Assert.Contains("ssh-add", error, StringComparison.Ordinal);
        await ShellAsync($$"""
            printf '#!/bin/sh\necho hunter2\n' > ask; chmod +x ask
            eval "$(ssh-agent -s)" > /dev/null
            trap 'kill $SSH_AGENT_PID' EXIT
            ! {{_host.Line}} archive sign --key alice {{Archive}}
            SSH_ASKPASS_REQUIRE=force SSH_ASKPASS=$PWD/ask ssh-add -q alice
            {{_host.Line}} archive sign --key alice {{Archive}}
            {{_host.Line}} archive sign --key alice.pub --signature by-public {{Archive}}
            cmp {{Archive}}.sig by-public
            """);
        await _host.OkAsync("restore", "-i", Archive, $"--require-signature={_host.PathOf("alice.pub")}");
    }

    [Fact]
    public async Task Archive_without_the_required_signature_is_not_restored()
    {
        string[] restore = ["restore", "-i", Archive, $"--require-signature={_host.PathOf("alice.pub")}"];
        Assert.Contains($"it isn't signed: there is no {Archive}.sig", await _host.FailAsync(restore), StringComparison.Ordinal);

        await _host.OkAsync("archive", "sign", "--key", _host.PathOf("mallory"), Archive);
        Assert.Contains("which is not among those of", await _host.FailAsync(restore), StringComparison.Ordinal);

        await ShellAsync($"cp {Archive} other; printf x >> other; {_host.Line} archive sign --key alice --signature {Archive}.sig other");
        Assert.Contains("its signature is wrong", await _host.FailAsync(restore), StringComparison.Ordinal);

        await ShellAsync(
            $"ssh-keygen -q -Y sign -f alice -n file {Archive} < /dev/null; rm -f {Archive}.sig; ssh-keygen -q -Y sign -f alice -n file "
                + $"{Archive}");
        Assert.Contains("it was made for \"file\"", await _host.FailAsync(restore), StringComparison.Ordinal);

        Assert.Equal("", await _host.OkAsync("ps", "-aq"));
    }

    [Fact]
    public async Task Checkpoint_in_the_store_must_be_signed_too()
    {
        await _host.OkAsync("restore", "-i", Archive);
        string[] copy = ["restore", "-i", Archive, "-n", "copy", $"--require-signature={_host.PathOf("alice.pub")}"];
        Assert.Contains("it isn't signed", await _host.FailAsync(copy), StringComparison.Ordinal);
        await _host.OkAsync("archive", "sign", "--key", _host.PathOf("mallory"), Archive);
        Assert.Contains("which is not among those of", await _host.FailAsync(copy), StringComparison.Ordinal);
        await ShellAsync($"cp {Archive} other; printf x >> other; {_host.Line} archive sign --key alice --signature {Archive}.sig other");
        Assert.Contains("its signature is wrong", await _host.FailAsync(copy), StringComparison.Ordinal);
        Assert.Contains("its signature is wrong", await _host.FailAsync("checkpoint", "import", Archive, copy[^1]),
            StringComparison.Ordinal);

        await _host.OkAsync("archive", "sign", "--key", _host.PathOf("alice"), Archive);
        await _host.OkAsync(copy);
        // SHA-512, which the store doesn't know
        await ShellAsync($"rm {Archive}.sig; ssh-keygen -q -Y sign -f alice -n stasis-archive {Archive}");
        await _host.OkAsync("restore", "-i", Archive, "-n", "another", copy[^1]);
        Assert.Single((await _host.OkAsync("checkpoint", "ls", "-q")).Split('\n'));
    }

    [Fact]
    public async Task A_site_s_policy_names_who_must_have_signed()
    {
        await ShellAsync(
            "printf '{ \"requireSignature\": true, \"trustedSigners\": [ \"%s\" ] }' \"$(cat alice.pub)\" > policy.json; echo '{ "
                + "\"requireSignature\": true }' > nobody.json; echo '{}' > plain.json");
        string[] policy = ["--policy", _host.PathOf("policy.json")];
        Assert.Contains("it isn't signed", await _host.FailAsync(["restore", "-i", Archive, .. policy]), StringComparison.Ordinal);
        Assert.Contains("it isn't signed", await _host.FailAsync(["checkpoint", "import", Archive, .. policy]), StringComparison.Ordinal);
        Assert.Contains("trusts no signers", await _host.FailAsync("restore", "-i", Archive, "--policy", _host.PathOf("nobody.json")),
            StringComparison.Ordinal);
        Assert.Contains("trusts no signers",
            await _host.FailAsync("restore", "-i", Archive, "--require-signature", "--policy", _host.PathOf("plain.json")),
                StringComparison.Ordinal);

        await _host.OkAsync("archive", "sign", "--key", _host.PathOf("mallory"), Archive);
        Assert.Contains("which is not among those of", await _host.FailAsync(["restore", "-i", Archive, .. policy]),
            StringComparison.Ordinal);
        await _host.OkAsync("archive", "sign", "--key", _host.PathOf("alice"), "--signature", _host.PathOf("sig"), Archive);
        await _host.OkAsync(["restore", "-i", Archive, "--require-signature", "--signature", _host.PathOf("sig"), .. policy]);
        await _host.OkAsync(["restore", "-i", Archive, "-n", "copy", "--require-signature", "--signature", _host.PathOf("sig"), .. policy]);
    }

    [Fact]
    public async Task Checkpoint_without_its_archive_must_have_had_a_signature()
    {
        await ShellAsync(
            "printf '{ \"requireSignature\": true, \"trustedSigners\": [ \"%s\" ] }' \"$(cat alice.pub)\" > policy.json; printf '{ "
                + "\"requireSignature\": true, \"trustedSigners\": [ \"%s\" ] }' \"$(cat mallory.pub)\" > other.json");
        string[] policy = ["--policy", _host.PathOf("policy.json")], copy = ["-n", "copy", .. policy];
        var stored = await _host.OkAsync("checkpoint", "import", Archive);
        var refused = await _host.FailAsync(["restore", "--checkpoint", stored, .. copy]);
        Assert.Contains("a signature is required", refused, StringComparison.Ordinal);
        Assert.Contains("stasis checkpoint import FILE", refused, StringComparison.Ordinal);
        Assert.Contains("a signature is required",
            await _host.FailAsync(["restore", "--checkpoint", stored, "--replicas", "2", "--name-template", "copy-{n}", .. policy]),
                StringComparison.Ordinal);

        await _host.OkAsync("archive", "sign", "--key", _host.PathOf("alice"), Archive);
        Assert.Equal(stored, await _host.OkAsync(["checkpoint", "import", Archive, .. policy]));
        await _host.OkAsync(["restore", "--checkpoint", stored, .. copy]);
        Assert.Contains("a signature is required",
            await _host.FailAsync("restore", "--checkpoint", stored, "-n", "another", "--policy", _host.PathOf("other.json")),
                StringComparison.Ordinal);
        await _host.OkAsync(["restore", "--checkpoint", stored, "--replicas", "2", "--name-template", "copy-{n}", .. policy]);

        // What this host made itself nobody need have signed; an image of another host nobody can have.
        await _host.OkAsync("clone", "copy", "--name", "clone");
        await _host.OkAsync("container", "checkpoint", "--create-image", "localhost/made", "copy");
        await _host.OkAsync(["restore", "localhost/made", "-n", "of-image", .. policy]);
        await _host.OkAsync("save", "-o", _host.PathOf("made.tar"), "localhost/made");
        await using var elsewhere = new StasisHost();
        await elsewhere.ImportBusyboxAsync();
        await elsewhere.OkAsync("load", "-i", _host.PathOf("made.tar"));
        Assert.Contains("images that weren't made here have none",
            await elsewhere.FailAsync(["restore", "localhost/made", "-n", "of-image", .. policy]), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Through_a_pipe_the_signature_is_named()
    {
        await ShellAsync($"cat {Archive} | {_host.Line} archive sign --key alice --signature sig -");
        Assert.Contains("--signature FILE",
            (await _host.ShellAsync($"{_host.Line} restore -i - --require-signature=alice.pub < {Archive}")).Error,
                StringComparison.Ordinal);
        await ShellAsync($"cat {Archive} | {_host.Line} restore -i - --require-signature=alice.pub --signature sig");
        Assert.Contains("its signature is wrong",
            (await _host.ShellAsync(
                $"zstd -qdc {Archive} | zstd -q1 | {_host.Line} restore -i - -n copy --require-signature=alice.pub --signature sig")).Error,
                    StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_encrypted_archive_is_signed_as_it_is()
    {
        await ShellAsync("age-keygen -o key 2>/dev/null");
        await ShellAsync($"age -r $(age-keygen -y key) -o c.age {Archive} && {_host.Line} archive sign --key alice c.age");
        await _host.OkAsync(
            "restore",
            "-i",
            _host.PathOf("c.age"),
            "--identity",
            _host.PathOf("key"),
            $"--require-signature={_host.PathOf("alice.pub")}");
        // Encrypted once more it is another file, and nobody has signed that.
        await ShellAsync($"age -r $(age-keygen -y key) -o again.age {Archive} && cp c.age.sig again.age.sig");
        Assert.Contains("its signature is wrong",
            await _host.FailAsync(
                "restore",
                "-i",
                _host.PathOf("again.age"),
                "-n",
                "copy",
                "--identity",
                _host.PathOf("key"),
                $"--require-signature={_host.PathOf("alice.pub")}"), StringComparison.Ordinal);
    }

    private async Task<string> ShellAsync(string script)
    {
        var result = await _host.ShellAsync($"set -eo pipefail; {script}");
        Assert.True(result.ExitCode == 0, result.Error + result.Output);
        return result.Output.Trim();
    }
}
