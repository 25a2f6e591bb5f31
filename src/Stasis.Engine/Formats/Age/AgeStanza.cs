namespace Stasis.Engine.Formats.Age;

/// <summary>One recipient's part of the header: "-> TYPE ARGUMENT…" and the body, the file key encrypted for that recipient.</summary>
/// <param name="Offset">The stanza's offset in the file.</param>
/// <param name="Arguments">The type, and the arguments after it.</param>
/// <param name="Body">The decoded body.</param>
internal sealed record AgeStanza(long Offset, IReadOnlyList<string> Arguments, byte[] Body)
{
    public string Type => Arguments[0];
}
