namespace Stasis.Engine.Vetting.Findings;

/// <summary>
/// Describes a rule of the import policy or of the image verifier. The values that <c>--allow</c> accepts,
/// the tables in docs/ and the tests are made from descriptors, so that a rule is described in its own file
/// and nowhere else.
/// </summary>
internal sealed record RuleDescriptor
{
    /// <summary>The value of <see cref="AllowedByPrivileged"/> that stands for every value of the rule.</summary>
    public const string Every = "*";

    /// <summary>The rule's name in findings, in kebab-case: "mount", "image-creds".</summary>
    public required string Id { get; init; }

    /// <summary>What the rule finds, in Markdown, for the documentation's table.</summary>
    public required string Finds { get; init; }

    /// <summary>The gravest severity among the rule's findings.</summary>
    public Severity Severity { get; init; } = Severity.Refused;

    /// <summary>
    /// What allows the rule's findings, in Markdown, for the documentation's table. It begins with a value
    /// for <c>--allow</c>. Null if no flag allows them.
    /// </summary>
    public string? Allow { get; init; }

    /// <summary>The word before the colon in a value for <c>--allow</c>: <see cref="Id"/> unless set.</summary>
    public string AllowName
    {
        get => field ?? Id;
        init;
    }

    /// <summary>The rule's values that <c>--allow privileged</c> allows, too; <see cref="Every"/> for all of them.</summary>
    public IReadOnlyList<string> AllowedByPrivileged { get; init; } = [];
}
