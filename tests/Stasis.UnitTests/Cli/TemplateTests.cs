using System.Text.Json;
using Stasis.Cli;
using Stasis.Cli.Output;
using Xunit;

namespace Stasis.UnitTests.Cli;

public class TemplateTests
{
    private static readonly JsonElement Value = JsonDocument.Parse(
        """{"Id":"abc","Pid":12,"Running":true,"None":null,"Args":["sh","-c"],"State":{"Status":"running"},"Labels":{"a":"1"}}""").RootElement;

    [Theory]
    [InlineData("{{.Id}}", "abc")]
    [InlineData("{{ .Pid }}/{{.Running}}", "12/true")]
    [InlineData("{{.State.Status}}", "running")]
    [InlineData("{{.id}}", "abc")]
    [InlineData("{{.Args}}", "[sh -c]")]
    [InlineData("{{json .Args}}", "[\"sh\",\"-c\"]")]
    [InlineData("{{json .}}", "{\"Id\":\"abc\",\"Pid\":12,\"Running\":true,\"None\":null,\"Args\":[\"sh\",\"-c\"],\"State\":{\"Status\":\"running\"},\"Labels\":{\"a\":\"1\"}}")]
    [InlineData("{{.Labels}}", "map[a:1]")]
    [InlineData("{{.None}}", "<nil>")]
    [InlineData("a\\t{{.Id}}\\nb", "a\tabc\nb")]
    [InlineData("text", "text")]
    public void It_is_filled_in(string format, string expected) => Assert.Equal(expected, Template.Parse(format).Render(Value));

    [Fact]
    public void A_table_has_the_names_of_its_fields()
    {
        var template = Template.Parse("table {{.Id}}\\t{{.State.Status}}");
        Assert.True(template.IsTable);
        Assert.Equal(["Id", "Status"], template.Fields);
    }

    [Theory]
    [InlineData("{{.Id")]
    [InlineData("{{range .Args}}x{{end}}")]
    [InlineData("{{if .Id}}x{{end}}")]
    public void What_is_not_understood_is_said(string format) => Assert.Throws<UsageException>(() => Template.Parse(format));

    [Fact]
    public void A_field_that_is_not_there_is_named()
    {
        var exception = Assert.Throws<UsageException>(() => Template.Parse("{{.Nope}}").Render(Value));
        Assert.Contains("Nope", exception.Message, StringComparison.Ordinal);
    }
}
