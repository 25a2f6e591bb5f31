using Stasis.Cli.Output;
using Stasis.Engine.Errors;
using Xunit;

namespace Stasis.UnitTests.Errors;

public class RemedyTests
{
    private static readonly Remedy Mixed = Remedy.Create(
        $"remove them ({new RemedyCall(RemedyCallKind.RemoveContainers, "a", "b")}), or use {new RemedyOption(RemedyOptionKind.Network, "none")} for {"c"}");

    [Fact]
    public void The_library_names_its_own_members() =>
        Assert.Equal("remove them (Containers.RemoveAsync(\"a\", \"b\")), or use the option Network = none for c", Mixed.ToString());

    [Fact]
    public void The_command_names_its_commands_and_flags() =>
        Assert.Equal("remove them (stasis rm a b), or use --network none for c", Mixed.ToString(RemedyText.Word));

    [Fact]
    public void A_remedy_within_another_keeps_its_parts() => Assert.Equal(
        "first: remove them (stasis rm a b), or use --network none for c",
        Remedy.Create($"first: {Mixed}").ToString(RemedyText.Word));

    [Fact]
    public void Words_alone_are_the_same_for_all()
    {
        Remedy remedy = "try again";
        Assert.Equal("try again", remedy.ToString(RemedyText.Word));
        Assert.Equal("try again", remedy);
    }

    [Fact]
    public void Every_call_and_option_has_words_in_the_command()
    {
        foreach (var call in Enum.GetValues<RemedyCallKind>())
            Assert.StartsWith("stasis ", RemedyText.Word(new RemedyCall(call)), StringComparison.Ordinal);
        foreach (var option in Enum.GetValues<RemedyOptionKind>())
            Assert.StartsWith("--", RemedyText.Word(new RemedyOption(option)), StringComparison.Ordinal);
        // Only members that the library has are named.
        Assert.All(Enum.GetValues<RemedyCallKind>(), call => Assert.Contains('.', new RemedyCall(call).ToString()));
    }
}
