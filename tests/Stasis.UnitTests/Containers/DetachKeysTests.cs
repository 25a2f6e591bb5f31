using Stasis.Engine.Containers;
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
        var keys = new DetachKeys();
        var (text, detach) = ("", false);
        foreach (var read in reads.Split('|'))
        {
            var (bytes, end) = keys.Scan(System.Text.Encoding.Latin1.GetBytes(read));
            text += System.Text.Encoding.Latin1.GetString(bytes);
            detach |= end;
        }

        Assert.Equal((passedOn, detached), (text, detach));
    }
}
