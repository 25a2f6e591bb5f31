using Stasis.Engine.Errors;
using Stasis.Engine.Vetting;
using Stasis.Engine.Vetting.Findings;
using Xunit;

namespace Stasis.UnitTests.Vetting;

public sealed class AllowTests : IDisposable
{
    private readonly TempDirectory _folder = new();

    public void Dispose() => _folder.Dispose();

    private static RuleDescriptor Rule(string id) => RuleCatalog.Find(id) ?? new RuleDescriptor { Id = id, Finds = "" };

    private static bool Permits(string given, string rule, string exact) =>
        new AllowList([given], "--allow").Permits(FindingFactory.Refused(Rule(rule), "", "", "", exact));

    [Theory]
    [InlineData("cap:NET_ADMIN", "cap", "NET_ADMIN", true)]
    [InlineData("cap:NET_ADMIN", "cap", "NET_RAW", false)]
    [InlineData("cap:*", "cap", "NET_RAW", true)]
    [InlineData("cap:NET_*", "cap", "NET_RAW", true)]
    [InlineData("cap:*", "cap-x", "NET_RAW", false)]
    [InlineData("cap:CAP_NET_ADMIN", "cap", "NET_ADMIN", true)]
    [InlineData("cap:CAP_NET_ADMIN", "cap", "NET_RAW", false)]
    [InlineData("cap:CAP_NET_*", "cap", "NET_RAW", true)]
    [InlineData("ambient-cap:CAP_CHOWN", "ambient-cap", "CHOWN", true)]
    [InlineData("network:CAP_X", "network", "X", false)]
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
    public void Allow_list_permits_the_named_values(
        string given,
        string rule,
        string exact,
        bool permitted) => Assert.Equal(permitted, Permits(given, rule, exact));

    [Theory]
    [InlineData("docker.io/library", "docker.io/library/busybox", true)]
    [InlineData("docker.io/library/busybox", "docker.io/library/busybox", true)]
    [InlineData("docker.io", "docker.io/library/busybox", true)]
    [InlineData("docker.io/lib", "docker.io/library/busybox", false)]
    [InlineData("docker.i", "docker.io/library/busybox", false)]
    public void Registries_of_the_policy_file_allow_what_is_beneath(string registry, string image, bool permitted) =>
        Assert.Equal(
            permitted,
            new PolicyFile { Registries = [registry] }.AllowList("policy")
                .Permits(FindingFactory.Refused(Rule("registry"), "", "", "", image)));

    [Theory]
    [InlineData("*")]
    [InlineData("docker.io/")]
    [InlineData("docker://docker.io")]
    [InlineData("")]
    public void Text_that_is_no_registry_is_an_error_of_the_policy_file(string registry)
    {
        var file = Path.Combine(_folder.Path, "policy.json");
        File.WriteAllText(file, $$"""{ "registries": ["{{registry}}"] }""");

        Assert.Contains(
            $"import policy {file}: registries has \"{registry}\"",
            Assert.Throws<StasisException>(() => PolicyFile.Load(file)).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void Findings_without_a_flag_are_never_permitted() =>
        Assert.False(new AllowList(["network:*", "privileged"], "--allow").Permits(FindingFactory.Never(Rule("network"), "", "", "")));

    [Theory]
    [InlineData("cap")]
    [InlineData("*")]
    [InlineData("")]
    [InlineData("CAP:NET_ADMIN")]
    [InlineData("cap:")]
    [InlineData("cup:x")]
    [InlineData("mout:/srv/*")]
    [InlineData("hook:*")] // which nothing allows
    public void Unknown_rule_or_malformed_value_is_an_error(string given) =>
        Assert.Contains(
            "--allow: ", Assert.Throws<StasisException>(() => new AllowList([given], "--allow")).Message, StringComparison.Ordinal);

    [Fact]
    public void An_unknown_rule_is_answered_with_those_that_there_are()
    {
        var error = Assert.Throws<StasisException>(() => new AllowList(["mout:/srv/w"], "--allow"));

        Assert.Equal("--allow: \"mout:/srv/w\": there is no rule mout that can be allowed", error.Message);
        Assert.Contains(" mount, ", error.Remedy, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("plain-word_1.2:/=,@%+", "plain-word_1.2:/=,@%+")]
    [InlineData("a b", "'a b'")]
    [InlineData("it's; rm -rf /", @"'it'\''s; rm -rf /'")]
    [InlineData("$(x)`y`\\", "'$(x)`y`\\'")]
    [InlineData("a\nb'", @"$'a\u000ab\''")]
    [InlineData("", "''")]
    public void A_flag_is_one_word_of_a_shell(string value, string word) => Assert.Equal(word, ShellQuoting.Quote(value));

    [Fact]
    public void A_policy_file_is_read()
    {
        var policy = PolicyFile.Load(
            Write("""{ "allow": ["cap:NET_RAW"], /* ours */ "trustedSigners": ["ssh-ed25519 AAAA"], "requireSignature": true, }"""));

        Assert.True(policy.AllowList("x").Permits(FindingFactory.Refused(Rule("cap"), "", "", "", "NET_RAW")));
        Assert.Equal(["ssh-ed25519 AAAA"], policy.TrustedSigners!);
        Assert.True(policy.RequireSignature);
    }

    [Theory]
    [InlineData("""{ "alow": [] }""", "unknown field \"alow\"")]
    [InlineData("""{ "allow": ["cap"] }""", "\"cap\"")]
    [InlineData("""{ "allow": [null] }""", "allow must be a list of strings")]
    [InlineData("""{ "allow": "cap:x" }""", "allow must be a list of strings")]
    [InlineData("""{ "allow": ["cup:x"] }""", "there is no rule cup")]
    [InlineData("""{ "requireSignature": "yes" }""", "requireSignature must be true or false")]
    [InlineData("[]", "it must be an object")]
    [InlineData("""{ "allow": [ }""", "it isn't JSON (line 1, column 14)")]
    [InlineData("""{ "allow": [], "allow": ["cap:*"] }""", "\"allow\" twice")]
    [InlineData("null", "null")]
    [InlineData("", "")]
    [InlineData("""{ "trustedSigners": [""] }""", "trustedSigners")]
    [InlineData("""{ "allow": ["cap:\ud800"] }""", "isn't valid Unicode")]
    [InlineData("""{ "al\ud800": [] }""", "isn't valid Unicode")]
    public void A_policy_file_with_something_wrong_is_an_error_that_names_it(string text, string says)
    {
        var file = Write(text);

        var error = Assert.Throws<StasisException>(() => PolicyFile.Load(file));

        Assert.Contains(file, error.Message, StringComparison.Ordinal);
        Assert.Contains(says, error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(".NET", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("nowhere.json", "nowhere.json: No such file or directory")]
    [InlineData(".", ": it is a folder, not a file")]
    public void A_named_policy_file_must_be_there(string name, string says)
    {
        var error = Assert.Throws<StasisException>(() => PolicyFile.Load(Path.Combine(_folder.Path, name)));

        Assert.EndsWith(says, error.Message, StringComparison.Ordinal);
        Assert.Equal("check the path", error.Remedy);
    }

    private string Write(string text)
    {
        var file = Path.Combine(_folder.Path, "policy.json");
        using var writer = new StreamWriter(file);
        writer.Write(text);
        return file;
    }
}
