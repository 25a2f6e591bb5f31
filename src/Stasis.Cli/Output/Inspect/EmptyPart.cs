namespace Stasis.Cli.Output.Inspect;

/// <summary>Go's way to write a set: {"80/tcp": {}}.</summary>
internal sealed record EmptyPart
{
    public static IReadOnlyDictionary<string, EmptyPart>? Set(IEnumerable<string>? names) => names?.Distinct().ToDictionary(name => name, _ => new EmptyPart());
}
