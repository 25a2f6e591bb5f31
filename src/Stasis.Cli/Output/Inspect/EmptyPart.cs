namespace Stasis.Cli.Output.Inspect;

/// <summary>The empty value of Go's sets: {"80/tcp": {}}.</summary>
internal sealed record EmptyPart
{
    public static IReadOnlyDictionary<string, EmptyPart>? Set(IEnumerable<string>? names) =>
        names?.Distinct().ToDictionary(name => name, _ => new EmptyPart());
}
