using System.Text;
using Stasis.Cli.Output.Templates;
using Xunit;

namespace Stasis.UnitTests.Cli.Templates;

/// <summary>Whatever a format is, it is filled in or refused with a <see cref="TemplateException"/>.</summary>
public class FuzzTests
{
    private const int Rounds = 20_000;

    private static readonly string[] Pieces =
    [
        "{{", "}}", "{{-", "-}}", " ", "\n", "\\n", "\\t", "|", "(", ")", ",", ":=", "=", ".", "..", ".A", ".B.C", ".Label \"x\"",
        "$", "$x", "$y", "$x := ", "$x, $y := ",
        "if", "else", "else if", "end", "with", "range", "range .", "range 3", "break", "continue", "define \"x\"", "/* c */", "/*",
        "and", "or", "not", "eq", "lt", "len", "index", "slice", "print", "println", "printf", "json", "join", "split", "lower",
        "title", "truncate", "pad",
        "\"a,b\"", "\"\"", "\"%d %5.2f %*d %q %x %!\"", "\"%\"", "`raw`", "'c'", "'", "\"", "`", "1", "-1", "0x", "1.5", "1e400",
        "999999999999999999999", "1000000", "nil", "true", "é", "\u0000", "\ud800", "😀", "text",
    ];

    [Fact]
    public void Template_of_random_words_is_filled_in_or_refused()
    {
        var random = new Random(4711);
        var filled = 0;
        for (var i = 0; i < Rounds; i++)
        {
            var format = string.Concat(Enumerable.Range(0, random.Next(1, 25)).Select(_ => Pieces[random.Next(Pieces.Length)]));
            filled += Try(format) ? 1 : 0;
        }
        Assert.InRange(filled, Rounds / 50, Rounds); // else it tries nothing
    }

    [Fact]
    public void Template_of_random_actions_is_filled_in_or_refused()
    {
        var random = new Random(815);
        var filled = 0;
        for (var i = 0; i < Rounds; i++)
        {
            var format = new StringBuilder();
            for (var action = random.Next(1, 4); action > 0; action--)
                format.Append("{{")
                    .AppendJoin(' ', Enumerable.Range(0, random.Next(1, 6)).Select(_ => Pieces[random.Next(Pieces.Length)]))
                    .Append("}}");
            filled += Try(format.ToString()) ? 1 : 0;
        }
        Assert.InRange(filled, Rounds / 100, Rounds);
    }

    [Fact]
    public void Template_with_random_edits_is_filled_in_or_refused()
    {
        string[] good =
        [
            "table {{.A}} {{.B.C}} {{.Label \"x\"}}",
            "{{range $i, $e := split \"a,b,c\" \",\"}}{{if eq $i 1}}{{continue}}{{end}}" +
                "{{printf \"%05d|%-10s|%q\" $i $e $e}}{{else}}none{{end}}",
            "{{with $x := index .D 0}}{{$x | printf \"%v\" | len}}{{end}}{{/* c */ -}} {{slice \"hello\" 1 3}}",
            "{{if and (gt .N 1) (or .A nil)}}{{json .}}{{else if not .A}}{{pad \"x\" 3 4}}{{end}}",
        ];
        var random = new Random(12);
        for (var i = 0; i < Rounds; i++)
        {
            var format = new StringBuilder(good[random.Next(good.Length)]);
            for (var edits = random.Next(1, 4); edits > 0; edits--)
            {
                var at = random.Next(format.Length);
                _ = random.Next(3) switch
                {
                    0 => format.Remove(at, 1),
                    1 => format.Insert(at, (char)random.Next(1, 128)),
                    _ => format.Insert(at, Pieces[random.Next(Pieces.Length)]),
                };
            }
            Try(format.ToString());
        }
    }

    private static bool Try(string format)
    {
        try
        {
            var template = Template.Parse("fuzz", format);
            if (template.IsTable)
                template.Render(new HeaderValue(new Dictionary<string, string>()));
            template.Render(Value);
            return true;
        }
        catch (TemplateException exception)
        {
            Assert.StartsWith("template: fuzz:", exception.Message, StringComparison.Ordinal);
            return false;
        }
    }

    private static readonly MapValue Value = new(new Dictionary<string, Value>
    {
        ["A"] = new TextValue("text"),
        ["B"] = new MapValue(new Dictionary<string, Value> { ["C"] = new RealValue(1.5) }, NilValue.Nil),
        ["D"] = new ListValue([new IntegerValue(1), new TimeValue(default), NilValue.Nil]),
        ["Label"] = new MapValue(new Dictionary<string, Value>(), new TextValue("")),
        ["N"] = new IntegerValue(3),
    }, NilValue.Nil);
}
