namespace Stasis.Engine.Volumes;

/// <summary>A named volume.</summary>
/// <param name="Name">The name people use.</param>
/// <param name="Path">Host path of its content.</param>
/// <param name="CreatedAt">When it was made.</param>
/// <param name="IsAnonymous">It was made without a name, and goes away with the last container that uses it.</param>
/// <param name="Labels">Labels given to it when it was made.</param>
public sealed record Volume(
    string Name, string Path, DateTimeOffset CreatedAt, bool IsAnonymous, IReadOnlyDictionary<string, string> Labels);
