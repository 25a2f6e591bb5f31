namespace Stasis.Engine.Criu.Images;

/// <summary>An image of CRIU's is not what it must be.</summary>
/// <param name="where">The file, and the record and field in it.</param>
/// <param name="value">What is there.</param>
/// <param name="why">What is wrong with it.</param>
internal sealed class ImageException(string where, string value, string why) : Exception($"{where}: {why}")
{
    public string Where { get; } = where;

    public string Value { get; } = value;

    public string Why { get; } = why;

    /// <summary>The record has a field that this Stasis doesn't know.</summary>
    public bool UnknownField { get; init; }
}
