using Stasis.Engine.Errors;
using Stasis.Engine.Formats.Ssh;
using Xunit;

namespace Stasis.UnitTests.Formats.Ssh;

public sealed class TrustedSignersTests
{
    private const string Key = "AAAAC3NzaC1lZDI1NTE5AAAAINdamAGCsQq31Uv+08lkBzoO4XLz2qYjJa8CGmj3B1Ea";
    private const string Rsa = "ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAAAgQ== bob";

    [Theory]
    [InlineData($"ssh-ed25519 {Key}", "SHA256:")]
    [InlineData($"ssh-ed25519 {Key} alice of ops", "alice of ops")]
    [InlineData($"  ssh-ed25519\t{Key}  ", "SHA256:")]
    [InlineData($"alice@example.org ssh-ed25519 {Key}", "alice@example.org")]
    [InlineData($"alice@example.org namespaces=\"git,stasis-archive\" ssh-ed25519 {Key} c", "alice@example.org")]
    [InlineData($"alice namespaces=\"stasis-*\",valid-after=\"20200101\",valid-before=\"29991231235959Z\" ssh-ed25519 {Key}", "alice")]
    public void A_line_is_a_key_and_a_name(string line, string name) =>
        Assert.StartsWith(
            name, TrustedSigners.Parse([line], "x").NameOf(SshPublicKey.Parse($"ssh-ed25519 {Key}")), StringComparison.Ordinal);

    [Theory]
    [InlineData(Rsa)]
    [InlineData($"alice cert-authority ssh-ed25519 {Key}")]
    [InlineData($"alice namespaces=\"git\" ssh-ed25519 {Key}")]
    [InlineData($"alice namespaces=\"!stasis-archive,*\" ssh-ed25519 {Key}")]
    [InlineData($"alice valid-before=\"20200101\" ssh-ed25519 {Key}")]
    [InlineData($"alice valid-after=\"29990101Z\" ssh-ed25519 {Key}")]
    public void Keys_that_cannot_have_signed_are_nobody_s(string line)
    {
        Assert.Equal(
            "signers' keys x: there is none that could have signed an archive",
            Assert.Throws<StasisException>(() => TrustedSigners.Parse([line], "x")).Message);
        var other = SshPublicKey.FromEd25519(new byte[32]);
        Assert.Null(TrustedSigners.Parse([line, $"{other} mallory"], "x").NameOf(SshPublicKey.Parse($"ssh-ed25519 {Key}")));
    }

    [Theory]
    [InlineData("alice")]
    [InlineData("ssh-ed25519")]
    [InlineData("ssh-ed25519 AAAA")]
    [InlineData("ssh-ed25519 !!!!")]
    [InlineData($"sk-ssh-ed25519@openssh.com {Key}")]
    [InlineData($"alice no-such-option ssh-ed25519 {Key}")]
    [InlineData($"alice valid-before=\"tomorrow\" ssh-ed25519 {Key}")]
    public void Others_are_errors(string line) =>
        Assert.StartsWith(
            $"signers' keys x: \"{line}\": ",
            Assert.Throws<StasisException>(() => TrustedSigners.Parse([line], "x")).Message,
            StringComparison.Ordinal);
}
