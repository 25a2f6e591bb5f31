namespace Stasis.Engine.Vetting.Findings;

/// <summary>Something that an archive asks for or contains, and that a plain container of its image doesn't need.</summary>
/// <param name="Rule">The ID of the rule that found it, in kebab-case: "mount", "cap", "image-creds".</param>
/// <param name="Severity">What follows from the finding.</param>
/// <param name="Where">The archive's entry, and the field in the entry: "spec.dump: mounts[3]".</param>
/// <param name="Value">The value that was found; its beginning, if it is long.</param>
/// <param name="Message">What the value would mean on this host, for people.</param>
/// <param name="Allow">The value for <c>--allow</c> that allows the finding, or null if nothing does.</param>
public sealed record Finding(string Rule, Severity Severity, string Where, string Value, string Message, string? Allow);
