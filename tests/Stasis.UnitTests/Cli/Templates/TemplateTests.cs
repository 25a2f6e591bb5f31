using System.Text.Json.Serialization;
using Stasis.Cli.Output.Templates;
using Xunit;

namespace Stasis.UnitTests.Cli.Templates;

public class TemplateTests
{
    private static readonly Sample Value = new()
    {
        Id = "abc",
        Pid = 12,
        Running = true,
        Args = ["sh", "-c"],
        State = new SampleState { Status = "running", StartedAt = DateTimeOffset.Parse("2026-01-31T10:20:30.5Z", null) },
        Labels = new Dictionary<string, string> { ["b"] = "2", ["a"] = "1" },
        Mounts = [new SampleMount { Source = "/x", Destination = "/y" }, new SampleMount { Source = "/v", Destination = "/w" }],
        DnsEnabled = true,
        Large = ulong.MaxValue,
    };

    [Theory]
    [InlineData("{{.Id}}", "abc")]
    [InlineData("{{.ID}}", "abc")]
    [InlineData("{{ .Pid }}/{{.Running}}", "12/true")]
    [InlineData("{{.State.Status}}", "running")]
    [InlineData("{{.Args}}", "[sh -c]")]
    [InlineData("{{json .Args}}", "[\"sh\",\"-c\"]")]
    [InlineData("{{json .State}}", "{\"Status\":\"running\",\"StartedAt\":\"2026-01-31T10:20:30.5+00:00\"}")]
    [InlineData("{{.Labels}}", "map[a:1 b:2]")]
    [InlineData("{{json .Labels}}", "{\"a\":\"1\",\"b\":\"2\"}")]
    [InlineData("{{.Labels.a}}{{.Labels.c}}", "1<no value>")]
    [InlineData("{{index .Labels \"a\"}}|{{index .Labels \"c\"}}|", "1||")]
    [InlineData("{{index .Args 1}}", "-c")]
    [InlineData("{{(index .Mounts 1).Source}}", "/v")]
    [InlineData("{{range .Mounts}}{{.Source}}:{{.Destination}} {{end}}", "/x:/y /v:/w ")]
    [InlineData("{{range $i, $m := .Mounts}}{{$i}}={{$m.Source}} {{$.Id}} {{end}}", "0=/x abc 1=/v abc ")]
    [InlineData("{{range $k, $v := .Labels}}{{$k}}={{$v}};{{end}}", "a=1;b=2;")]
    [InlineData("{{range .Nothing}}x{{else}}none{{end}}", "none")]
    [InlineData("{{len .Args}} {{len .Labels}} {{len .Id}}", "2 2 3")]
    [InlineData("{{join .Args \" \"}}", "sh -c")]
    [InlineData("{{.Args | json | printf \"%s!\"}}", "[\"sh\",\"-c\"]!")]
    [InlineData("{{if and .Running (gt .Pid 10)}}up{{else}}down{{end}}", "up")]
    [InlineData("{{with .State}}{{.Status}}{{end}}", "running")]
    [InlineData("{{with .Health}}{{.Status}}{{else}}unchecked{{end}}", "unchecked")]
    [InlineData("{{.Health}}", "<nil>")]
    [InlineData("{{.Empty}}|{{.Nothing}}|{{.Off}}", "|[]|false")]
    [InlineData("{{.State.StartedAt}}", "2026-01-31 10:20:30.5 +0000 UTC")]
    [InlineData("{{.State.StartedAt.Format \"Jan _2, 2006 15:04:05.000\"}}", "Jan 31, 2026 10:20:30.500")]
    [InlineData("{{.State.StartedAt.Unix}}", "1769854830")]
    [InlineData("{{.State.FinishedAt.IsZero}} {{.State.FinishedAt}}", "true 0001-01-01 00:00:00 +0000 UTC")]
    [InlineData("{{.Label \"a\"}}{{.Label \"c\"}}", "1")]
    [InlineData("{{.DNSEnabled}} {{.dns_enabled}}", "true true")]
    [InlineData("{{.Large}}", "18446744073709551615")]
    [InlineData("{{index .Mounts 0}}", "{/x /y}")]
    [InlineData("{{eq .State.Status \"running\" \"paused\"}}", "true")]
    [InlineData("{{$s := .State}}{{$s.Status}}", "running")]
    [InlineData("a\\t{{.Id}}\\nb", "a\tabc\nb")]
    [InlineData("text", "text")]
    public void Template_is_filled_in(string format, string expected) => Assert.Equal(expected + "\n", Render(format));

    [Theory]
    [InlineData("{{.Id}}\\n")]
    [InlineData("{{.Id}}\n")]
    public void Format_with_a_line_end_gets_no_second_one(string format) => Assert.Equal("abc\n", Render(format));

    [Theory]
    [InlineData(
        "{{.Nope}}",
        "template: test:1:2: executing \"test\" at <.Nope>: can't evaluate field Nope in type Sample; it has ID, Pid, ")]
    [InlineData("{{.id}}", "can't evaluate field id in type Sample")]
    [InlineData("{{.DNS_Enabled}}", "can't evaluate field DNS_Enabled in type Sample")]
    [InlineData(
        "x\ny {{.State.Nope}}",
        "template: test:2:4: executing \"test\" at <.State.Nope>: can't evaluate field Nope in type SampleState")]
    [InlineData("{{.Health.Status}}", "nil pointer evaluating .Status")]
    [InlineData("{{.Id.Nope}}", "can't evaluate field Nope in type string")]
    [InlineData("{{.Id 1}}", "Id is not a method but has arguments")]
    [InlineData("{{range .Pid}}{{$.Nope}}{{end}}", "can't evaluate field Nope")]
    [InlineData("{{range .State}}{{end}}", "range can't iterate over")]
    [InlineData("{{define \"x\"}}{{end}}", "{{define}} is not supported")]
    [InlineData("{{range 10000000}}{{range 10000000}}{{end}}{{end}}", "it takes too long")]
    public void Missing_field_is_named(string format, string message) =>
        Assert.Contains(message, Assert.Throws<TemplateException>(() => Render(format)).Message, StringComparison.Ordinal);

    [Fact]
    public void Nesting_is_limited()
    {
        Assert.Throws<TemplateException>(() => Render(string.Concat(Enumerable.Repeat("{{if 1}}", 100_000))));
        Assert.Throws<TemplateException>(() => Render("{{" + new string('(', 100_000)));
        Assert.Throws<TemplateException>(() => Render("{{if 1}}" + string.Concat(Enumerable.Repeat("{{else if 1}}", 100_000))));
    }

    [Theory]
    [InlineData("{{range .}}{{.Id}}{{end}}", true)]
    [InlineData("{{ range . }}\n{{.Id}}{{ end -}}", true)]
    [InlineData("{{range .Mounts}}{{.Source}}{{end}}", false)]
    [InlineData("table {{range .}}{{.Id}}{{end}}", false)]
    public void Range_over_rows_is_recognized(string format, bool ranges) =>
        Assert.Equal(ranges, Template.Parse("test", format).RangesOverRows);

    [Theory]
    [InlineData("json", true)]
    [InlineData(" json ", true)]
    [InlineData("{{json .}}", true)]
    [InlineData("{{ json . }}", true)]
    [InlineData("{{json}}", true)]
    [InlineData("{{json .Id}}", false)]
    [InlineData("jsonx", false)]
    [InlineData("{{json.}}", false)]
    public void Json_format_is_recognized(string format, bool isJson) => Assert.Equal(isJson, Template.IsJson(format));

    [Theory]
    [InlineData("table {{.ID}} {{.CreatedAt}}", "CONTAINER ID\tCREATED AT\n")]
    [InlineData("table {{.ID}}\\t{{.ImageID}} {{.Label \"x\"}}", "CONTAINER ID\tIMAGE ID\tLABEL\n")]
    [InlineData("table {{.State.Status}}{{if .RunningFor}} {{upper .OCIRuntime}}{{end}}", "STATUS\tOCI RUNTIME\n")]
    [InlineData("table {{range .Mounts}}{{.Source}}{{end}} {{join .Names \",\"}} {{len .Args}}", "SOURCE\tNAMES\t4\n")]
    public void Header_is_made_of_field_names(string format, string header)
    {
        var template = Template.Parse("test", format);
        Assert.True(template.IsTable);
        Assert.Equal(header, template.Render(new HeaderValue(new Dictionary<string, string> { ["ID"] = "CONTAINER ID" })));
    }

    private static string Render(string format) => Template.Parse("test", format).Render(Value, SampleJson.Default.Sample);
}

internal sealed record Sample
{
    public required string Id { get; init; }
    public int Pid { get; init; }
    public bool Running { get; init; }
    public required IReadOnlyList<string> Args { get; init; }
    public required SampleState State { get; init; }
    public SampleState? Health { get; init; }
    public string? Empty { get; init; }
    public IReadOnlyList<string>? Nothing { get; init; }
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] public bool Off { get; init; }
    public required IReadOnlyDictionary<string, string> Labels { get; init; }
    public IReadOnlyDictionary<string, string> Label => Labels;
    public required IReadOnlyList<SampleMount> Mounts { get; init; }
    [JsonPropertyName("dns_enabled")] public bool DnsEnabled { get; init; }
    public ulong Large { get; init; }
}

internal sealed record SampleState
{
    public required string Status { get; init; }
    public DateTimeOffset StartedAt { get; init; }
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] public DateTimeOffset FinishedAt { get; init; }
}

internal sealed record SampleMount
{
    public required string Source { get; init; }
    public required string Destination { get; init; }
}

[JsonSourceGenerationOptions(DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(Sample))]
internal sealed partial class SampleJson : JsonSerializerContext;
