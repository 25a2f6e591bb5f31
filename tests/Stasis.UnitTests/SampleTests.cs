using Xunit;

namespace Stasis.UnitTests;

/// <summary>The samples of README and docs/library.md are parts of a program that a test runs (tests/Consumer).</summary>
public class SampleTests
{
    [Theory]
    [InlineData("README.md")]
    [InlineData("docs/library.md")]
    public void A_sample_in_the_documentation_is_part_of_the_program_that_is_run(string page)
    {
        var program = File.ReadAllText(Path.Combine(Repository.Root, "tests/Consumer/Program.cs"));
        var text = File.ReadAllText(Path.Combine(Repository.Root, page));
        var blocks = text.Split("```csharp\n").Skip(1).Select(block => block.Split("```")[0]);
        var sample = blocks.First(block => block.Contains("new StasisEngine(", StringComparison.Ordinal));
        Assert.Contains(sample, program, StringComparison.Ordinal);
    }
}
