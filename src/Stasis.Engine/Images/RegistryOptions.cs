namespace Stasis.Engine.Images;

/// <summary>How a registry is spoken to.</summary>
public sealed record RegistryOptions
{
    /// <summary>
    /// Whether its certificate is verified. False allows plain HTTP too. Null leaves it to registries.conf
    /// (containers-registries.conf(5)), which verifies by default.
    /// </summary>
    public bool? VerifyTls { get; init; }

    /// <summary>
    /// File with the user's names and passwords, as <c>skopeo login</c> writes it (containers-auth.json(5)). Null for that file's usual
    /// place.
    /// </summary>
    public string? AuthFile { get; init; }

    /// <summary>Options of skopeo.</summary>
    /// <param name="side">Of <c>skopeo copy</c>, "src-" or "dest-"; of its other commands nothing.</param>
    internal IEnumerable<string> GetArguments(string side)
    {
        if (VerifyTls is { } verify)
            yield return $"--{side}tls-verify={(verify ? "true" : "false")}";
        if (AuthFile is { } file)
            yield return $"--authfile={Path.GetFullPath(file)}";
    }
}
