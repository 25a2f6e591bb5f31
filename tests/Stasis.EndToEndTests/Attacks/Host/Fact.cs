namespace Stasis.EndToEndTests.Attacks;

/// <summary>Something that was seen of a host or of a container.</summary>
/// <param name="Subject">What was looked at; no two facts of one look have the same subject.</param>
/// <param name="State">How it was.</param>
internal readonly record struct Fact(string Subject, string State);
