using System.Text;
using System.Text.Json;

namespace Stasis.Cli.Output.Templates;

/// <summary>
/// Stands in for a row when the header of a table is printed: every field of it is its own title, made of the name as Podman does
/// (CreatedAt is CREATED AT), unless the command has another.
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

    // A word begins where a capital follows a small letter, and at the last of several capitals: ImageID, OCIRuntime.
    private static string Title(string name)
    {
        var title = new StringBuilder();
        for (var i = 0; i < name.Length; i++)
        {
            var begins = i > 0 && char.IsUpper(name[i]) && (!char.IsUpper(name[i - 1]) || (i + 1 < name.Length && char.IsLower(name[i + 1])));
            title.Append(begins ? " " : "").Append(char.ToUpperInvariant(name[i]));
        }
        return title.ToString();
    }
}
