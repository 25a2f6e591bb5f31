namespace Stasis.Tests.Mutations;

/// <summary>A real image with one field changed.</summary>
/// <param name="File">Name of the image file.</param>
/// <param name="Place">The field's place: "[3] reg.name".</param>
/// <param name="Message">Name of the message that has the field.</param>
/// <param name="Field">The field; null if a whole record is removed or repeated.</param>
/// <param name="Value">The new value in words.</param>
/// <param name="Make">Makes the new file of the old one.</param>
internal sealed record Mutation(string File, string Place, string Message, string? Field, string Value, Func<byte[], byte[]> Make)
{
    public override string ToString() => $"{File}{Place} = {Value}";
}
