using System.Text;
using System.Text.Json;

namespace Stasis.Cli.Output.Templates;

/// <summary>
/// Replaces a row when the header of a table is printed. The value of each field is the title of its column: the one that the command
/// gives, or else one made from the field's name as in Podman (CREATED AT from CreatedAt).
/// </summary>
internal sealed class HeaderValue(IReadOnlyDictionary<string, string> titles, string title = "") : Value
{
    public override string Type => "string";

    public override bool IsTrue => true;

    public override int? Length => title.Length;

    public override IEnumerable<(Value, Value)> Items => [(this, this)];

    public override Value Field(string name) => new HeaderValue(titles, titles.GetValueOrDefault(name) ?? Title(name));

    public override void WriteJson(Utf8JsonWriter writer) => writer.WriteStringValue(title);

    public override string ToString() => title;

    // A word begins at a capital after a small letter, and at the last of several capitals before a small letter: ImageID, OCIRuntime.
    private static string Title(string name)
    {
        var title = new StringBuilder();
        for (var i = 0; i < name.Length; i++)
        {
            var begins =
                i > 0 && char.IsUpper(name[i]) && (!char.IsUpper(name[i - 1]) || (i + 1 < name.Length && char.IsLower(name[i + 1])));
            title.Append(begins ? " " : "").Append(char.ToUpperInvariant(name[i]));
        }
        return title.ToString();
    }
}
