namespace Stasis.Engine.Vetting.Findings;

/// <summary>Something that an archive asks for, or holds, beyond what a plain container of its image needs.</summary>
/// <param name="Rule">Which rule found it, in kebab-case: "mount", "cap", "image-creds".</param>
/// <param name="Severity">What becomes of it.</param>
/// <param name="Where">The archive's entry, and the field in it: "spec.dump: mounts[3]".</param>
/// <param name="Value">The exact value that was found.</param>
/// <param name="Message">What it would mean, for people.</param>
/// <param name="Allow">The value for <c>--allow</c> that permits it, or null if nothing does.</param>
public sealed record Finding(string Rule, Severity Severity, string Where, string Value, string Message, string? Allow);
