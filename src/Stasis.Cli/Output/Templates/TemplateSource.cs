namespace Stasis.Cli.Output.Templates;

/// <summary>The text of a template, and the words in which Go's text/template tells where in it something is wrong.</summary>
/// <param name="Name">The command whose option it is.</param>
/// <param name="Text">As it was typed.</param>
internal sealed record TemplateSource(string Name, string Text)
{
    /// <summary>It can't be understood.</summary>
    public TemplateException Error(int position, string what) => new($"template: {Where(position)}: {what}");

    /// <summary>It was understood, but what it asks for can't be had.</summary>
    public TemplateException Error(Node at, string what) =>
        new($"template: {Where(at.Position)}: executing \"{Name}\" at <{Text[at.Position..at.End]}>: {what}");

    private string Where(int position)
    {
        var before = Text.AsSpan(0, Math.Min(position, Text.Length));
        return $"{Name}:{before.Count('\n') + 1}:{before.Length - (before.LastIndexOf('\n') + 1)}";
    }
}
