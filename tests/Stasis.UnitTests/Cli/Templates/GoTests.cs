using System.Text.Json;
using Stasis.Cli.Output.Templates;
using Xunit;

namespace Stasis.UnitTests.Cli.Templates;

/// <summary>What Podman 5.8.6 made of templates: go.json is the output of <c>podman version --format</c> for each.</summary>
public class GoTests
{
    private static readonly JsonElement[] All =
    [
        .. JsonDocument.Parse(
            File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, "Cli", "Templates", "Golden", "go.json"))).RootElement.EnumerateArray()
    ];

    public static TheoryData<string, string> Outputs =>
        [.. All.Where(row => row.TryGetProperty("output", out _)).Select(row => (Text(row, "format"), Text(row, "output")))];

    public static TheoryData<string, string> Errors =>
        [.. All.Where(row => row.TryGetProperty("error", out _)).Select(row => (Text(row, "format"), Text(row, "error")))];

    [Theory]
    [MemberData(nameof(Outputs))]
    public void Output_is_the_same_as_in_Podman(string format, string output) =>
        // Podman forgets the last line's end where "\n" stands within quotes.
        Assert.Equal(output.TrimEnd('\n'), Template.Parse("version", format).Render(NilValue.Nil).TrimEnd('\n'));

    [Theory]
    [MemberData(nameof(Errors))]
    public void Error_is_the_same_as_in_Podman(string format, string error)
    {
        var exception = Assert.Throws<TemplateException>(() => Template.Parse("version", format).Render(NilValue.Nil));
        // Go tells the column only of what fails while it is filled in.
        var (line, what) = Parts(error);
        Assert.StartsWith(line, exception.Message, StringComparison.Ordinal);
        Assert.EndsWith(what, exception.Message.TrimEnd(), StringComparison.Ordinal);
    }

    [Fact]
    public void Template_that_Podman_refuses_is_refused() =>
        Assert.All(
            All.Where(row => row.TryGetProperty("refused", out _)),
            row => Assert.Throws<TemplateException>(() => Template.Parse("version", Text(row, "format")).Render(NilValue.Nil)));

    private static (string Line, string What) Parts(string error)
    {
        var parts = error.Split(": ", 3);
        return ($"{parts[0]}: {parts[1]}", parts[2]);
    }

    private static string Text(JsonElement row, string name) => row.GetProperty(name).GetString()!;
}
