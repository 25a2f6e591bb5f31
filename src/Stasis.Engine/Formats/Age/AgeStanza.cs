namespace Stasis.Engine.Formats.Age;

/// <summary>One recipient's part of the header: "-> TYPE ARGUMENT…" and the body, the file key encrypted for that recipient.</summary>
/// <param name="Offset">Where it begins.</param>
/// <param name="Arguments">The type, and what follows it.</param>
/// <param name="Body">What the lines beneath hold.</param>
internal sealed record AgeStanza(long Offset, IReadOnlyList<string> Arguments, byte[] Body)
{
    public string Type => Arguments[0];
}
