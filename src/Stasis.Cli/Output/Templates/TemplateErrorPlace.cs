namespace Stasis.Cli.Output.Templates;

/// <summary>The text of a template. Makes errors with a place in the text, worded as in Go's text/template.</summary>
/// <param name="Name">The command with the <c>--format</c> option.</param>
/// <param name="Text">The value of the option.</param>
internal sealed record TemplateErrorPlace(string Name, string Text)
{
    /// <summary>An error of lexing or parsing.</summary>
    public TemplateException Error(int position, string what) => new($"template: {Where(position)}: {what}");

    /// <summary>An error of evaluation.</summary>
    public TemplateException Error(Node at, string what) =>
        new($"template: {Where(at.Position)}: executing \"{Name}\" at <{Text[at.Position..at.End]}>: {what}");

    private string Where(int position)
    {
        var before = Text.AsSpan(0, Math.Min(position, Text.Length));
        return $"{Name}:{before.Count('\n') + 1}:{before.Length - (before.LastIndexOf('\n') + 1)}";
    }
}
