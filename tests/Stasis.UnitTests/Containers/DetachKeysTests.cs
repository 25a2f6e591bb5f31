using Stasis.Engine.Containers.Exec;
using Stasis.Engine.Errors;
using Xunit;

namespace Stasis.UnitTests.Containers;

public sealed class DetachKeysTests
{
    [Theory]
    [InlineData("abc", "abc", false)]
    [InlineData("a\u0010\u0011b", "a", true)]
    [InlineData("a\u0010|\u0011", "a", true)]
    [InlineData("\u0010|x", "\u0010x", false)]
    [InlineData("\u0010\u0010\u0011", "\u0010", true)]
    [InlineData("\u0010|\u0010|y\u0011", "\u0010\u0010y\u0011", false)]
    public void Keys_are_found_across_reads(string reads, string passedOn, bool detached)
    {
        var keys = new DetachKeys(DetachKeys.Default);
        var (text, detach) = ("", false);
        foreach (var read in reads.Split('|'))
        {
            var (bytes, end) = keys.Scan(System.Text.Encoding.Latin1.GetBytes(read));
            text += System.Text.Encoding.Latin1.GetString(bytes);
            detach |= end;
        }

        Assert.Equal((passedOn, detached), (text, detach));
    }

    [Theory]
    [InlineData("aab", "xaaab", "xa", true)]
    [InlineData("abab", "ababab", "", true)]
    [InlineData("abac", "ababac", "ab", true)]
    [InlineData("q", "xq", "x", true)]
    [InlineData("", "xq", "xq", false)]
    public void Keys_may_begin_within_themselves(string wanted, string typed, string passedOn, bool detached)
    {
        var (bytes, detach) =
            new DetachKeys(System.Text.Encoding.Latin1.GetBytes(wanted)).Scan(System.Text.Encoding.Latin1.GetBytes(typed));
        Assert.Equal((passedOn, detached), (System.Text.Encoding.Latin1.GetString(bytes), detach));
    }

    [Theory]
    [InlineData("ctrl-p,ctrl-q", "\u0010\u0011")]
    [InlineData("ctrl-a,x,ctrl-@,ctrl-_", "\u0001x\u0000\u001f")]
    [InlineData("", "")]
    public void Keys_are_written_as_in_Podman(string text, string keys) =>
        Assert.Equal(System.Text.Encoding.Latin1.GetBytes(keys), DetachKeys.Parse(text));

    [Theory]
    [InlineData("ctrl-")]
    [InlineData("ctrl-P")]
    [InlineData("ab")]
    [InlineData("a,,b")]
    public void Text_that_is_no_key_is_refused(string text) =>
        Assert.Contains("is no key", Assert.Throws<StasisException>(() => DetachKeys.Parse(text)).Message, StringComparison.Ordinal);
}
