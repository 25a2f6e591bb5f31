namespace Stasis.Engine.Criu.Images;

/// <summary>A CRIU image file is damaged, or not what its name says.</summary>
/// <param name="where">The file, and the record in it.</param>
/// <param name="value">The field or value that is wrong.</param>
/// <param name="why">What is wrong with it.</param>
internal sealed class ImageException(string where, string value, string why) : Exception($"{where}: {why}")
{
    public string Where { get; } = where;

    public string Value { get; } = value;

    public string Why { get; } = why;

    /// <summary>Whether the cause is a field that <see cref="ImageSchema"/> doesn't have.</summary>
    public bool UnknownField { get; init; }
}
