using Stasis.Cli;
using Stasis.Cli.Parsing;
using Stasis.Engine;
using Xunit;

namespace Stasis.UnitTests.Cli;

public class CompletionTests
{
    [Theory]
    [InlineData("conta", "container")]
    [InlineData("container ch", "checkpoint")]
    [InlineData("--root /r container re", "rename restart restore")]
    [InlineData("run --network-", "--network-alias")]
    [InlineData("run --network ", "none host bridge podman")]
    [InlineData("run -itd --network h", "host")]
    [InlineData("container checkpoint -c ", "zstd gzip none")]
    [InlineData("completion ", "bash zsh fish")]
    [InlineData("run img --na", "")]
    [InlineData("version x", "")]
    public void Completion_offers_what_may_come_next(string line, string expected) =>
        Assert.Equal(
            expected,
            string.Join(
                ' ',
                Complete(line).Words.Select(word => word.Word).Order().OrderBy(word => expected.IndexOf(word, StringComparison.Ordinal))));

    [Theory]
    [InlineData("container checkpoint --export ", true)]
    [InlineData("container restore -i ", true)]
    [InlineData("run --env-file ", true)]
    [InlineData("image import ", true)]
    [InlineData("run --name ", false)]
    [InlineData("run --network ", false)]
    public void Completion_offers_files_where_a_file_is_wanted(string line, bool files) => Assert.Equal(files, Complete(line).Files);

    [Fact]
    public void Hidden_commands_are_not_offered() => Assert.DoesNotContain(Complete("container ").Words, word => word.Word == "cleanup");

    private static Completion Complete(string line)
    {
        using var engine = new StasisEngine(new EngineOptions());
        return Completion.Complete(CommandTree.Build(), line.Split(' '), engine);
    }
}
