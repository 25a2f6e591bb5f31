using Stasis.Engine;
using Stasis.Engine.Checkpoints.ImportPolicy;
using Xunit;

namespace Stasis.UnitTests.Checkpoints.ImportPolicy;

public sealed class AllowTests : IDisposable
{
    private readonly TempDirectory _folder = new();

    public void Dispose() => _folder.Dispose();

    private static bool Permits(string given, string rule, string exact) => new AllowList([given], "--allow").Permits(Found.Refused(rule, "", "", "", exact));

    [Theory]
    [InlineData("cap:NET_ADMIN", "cap", "NET_ADMIN", true)]
    [InlineData("cap:NET_ADMIN", "cap", "NET_RAW", false)]
    [InlineData("cap:*", "cap", "NET_RAW", true)]
    [InlineData("cap:NET_*", "cap", "NET_RAW", true)]
    [InlineData("cap:*", "cap-x", "NET_RAW", false)]
    [InlineData("mount:/srv/data:ro", "mount", "/srv/data:ro", true)]
    [InlineData("mount:/srv/data:ro", "mount", "/srv/data:rw", false)]
    [InlineData("mount:/srv/data", "mount", "/srv/data:rw", true)]
    [InlineData("mount:/srv/data:rw", "mount", "/srv/data:ro", true)]
    [InlineData("mount:/srv/data:ro", "mount", "/srv/data:ro:rw", false)]
    [InlineData("mount:/srv/*", "mount", "/srv/data:rw", true)]
    [InlineData("privileged", "privileged", "", false)] // its finding's value is the word alone
    [InlineData("privileged", "cap", "SYS_ADMIN", true)]
    [InlineData("privileged", "device", "b:8:0:rwm", true)]
    [InlineData("privileged", "mount-option", "/sys:rw", true)]
    [InlineData("privileged", "mount-option", "/data:rshared", false)]
    [InlineData("privileged", "mount", "/:rw", false)]
    [InlineData("privileged", "ns", "pid=host", false)]
    public void Permits_what_it_names(string given, string rule, string exact, bool permitted) => Assert.Equal(permitted, Permits(given, rule, exact));

    [Fact]
    public void Nothing_permits_what_nothing_allows() => Assert.False(new AllowList(["hook:*", "privileged"], "--allow").Permits(Found.Never("hook", "", "", "")));

    [Theory]
    [InlineData("cap")]
    [InlineData("*")]
    [InlineData("")]
    [InlineData("CAP:NET_ADMIN")]
    [InlineData("cap:")]
    public void What_isnt_a_rule_is_an_error(string given) => Assert.Contains("--allow: ", Assert.Throws<StasisException>(() => new AllowList([given], "--allow")).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("plain-word_1.2:/=,@%+", "plain-word_1.2:/=,@%+")]
    [InlineData("a b", "'a b'")]
    [InlineData("it's; rm -rf /", @"'it'\''s; rm -rf /'")]
    [InlineData("$(x)`y`\\", "'$(x)`y`\\'")]
    [InlineData("a\nb'", @"$'a\u000ab\''")]
    [InlineData("", "''")]
    public void A_flag_is_one_word_of_a_shell(string value, string word) => Assert.Equal(word, ShellWord.Quote(value));

    [Fact]
    public void A_policy_file_is_read()
    {
        var policy = PolicyFile.Load(Write("""{ "allow": ["cap:NET_RAW"], /* ours */ "trustedSigners": ["ssh-ed25519 AAAA"], "requireSignature": true, }"""));

        Assert.True(policy.AllowList("x").Permits(Found.Refused("cap", "", "", "", "NET_RAW")));
        Assert.Equal(["ssh-ed25519 AAAA"], policy.TrustedSigners!);
        Assert.True(policy.RequireSignature);
    }

    [Theory]
    [InlineData("""{ "alow": [] }""", "alow")]
    [InlineData("""{ "allow": ["cap"] }""", "\"cap\"")]
    [InlineData("""{ "allow": [null] }""", "RULE:VALUE")]
    [InlineData("""{ "allow": "cap:x" }""", "allow")]
    [InlineData("""{ "allow": [], "allow": ["cap:*"] }""", "allow")]
    [InlineData("null", "null")]
    [InlineData("", "")]
    [InlineData("""{ "trustedSigners": [""] }""", "trustedSigners")]
    public void A_policy_file_with_something_wrong_is_an_error_that_names_it(string text, string says)
    {
        var file = Write(text);

        var error = Assert.Throws<StasisException>(() => PolicyFile.Load(file));

        Assert.Contains(file, error.Message, StringComparison.Ordinal);
        Assert.Contains(says, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_named_policy_file_must_be_there() => Assert.Contains("nowhere.json", Assert.Throws<StasisException>(() => PolicyFile.Load(Path.Combine(_folder.Path, "nowhere.json"))).Message, StringComparison.Ordinal);

    private string Write(string text)
    {
        var file = Path.Combine(_folder.Path, "policy.json");
        using var writer = new StreamWriter(file);
        writer.Write(text);
        return file;
    }
}
