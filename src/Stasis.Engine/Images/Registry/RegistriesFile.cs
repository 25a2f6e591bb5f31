using Stasis.Engine.Errors;
using Tomlyn;
using Tomlyn.Serialization;

namespace Stasis.Engine.Images.Registry;

/// <summary>
/// A registries.conf, as far as it says how a registry is spoken to (containers-registries.conf(5)). Everything else in it is skopeo's to
/// read.
/// </summary>
internal sealed record RegistriesFile
{
    /// <summary>What is said of registries, and of repositories on them.</summary>
    [TomlPropertyName("registry")]
    public List<RegistryEntry>? Registries { get; init; }

    /// <summary>Reads those of this host, of which a later one counts more; none where there are none.</summary>
    /// <exception cref="StasisException">One isn't TOML.</exception>
    public static IReadOnlyList<RegistryEntry> ReadAll() => [.. FindAll().SelectMany(Read)];

    /// <summary>Reads one.</summary>
    /// <exception cref="StasisException">It isn't TOML.</exception>
    internal static List<RegistryEntry> Read(string path)
    {
        try
        {
            return TomlSerializer.Deserialize(File.ReadAllText(path), RegistryToml.Default.RegistriesFile)?.Registries ?? [];
        }
        catch (TomlException e)
        {
            throw new StasisException($"{path}: {e.Message}", e) { Remedy = "see containers-registries.conf(5) for what it may say" };
        }
    }

    // A user's own file stands in for the host's; what lies in the folders adds to it.
    private static IEnumerable<string> FindAll()
    {
        var own = Path.Combine(Environment.GetEnvironmentVariable("HOME") ?? "/root", ".config/containers/registries.conf");
        var main = Environment.GetEnvironmentVariable("CONTAINERS_REGISTRIES_CONF") is { Length: > 0 } named ? named
            : File.Exists(own) ? own : "/etc/containers/registries.conf";
        var folders = ((string[])["/etc/containers/registries.conf.d", own + ".d"]).Where(Directory.Exists);
        var dropIns = folders.SelectMany(folder => Directory.GetFiles(folder, "*.conf").Order());
        return File.Exists(main) ? dropIns.Prepend(main) : dropIns;
    }
}

/// <summary>What a registries.conf says of a registry, or of a part of it.</summary>
internal sealed record RegistryEntry
{
    /// <summary>Which images it is for; null for those of <see cref="Location"/>.</summary>
    public string? Prefix { get; init; }

    /// <summary>Where those images are.</summary>
    public string? Location { get; init; }

    /// <summary>Whether plain HTTP, and certificates that can't be verified, are accepted.</summary>
    public bool Insecure { get; init; }

    /// <summary>Whether nothing may be fetched from there.</summary>
    public bool Blocked { get; init; }

    /// <summary>Other places of the same images.</summary>
    [TomlPropertyName("mirror")]
    public List<RegistryEntry>? Mirrors { get; init; }

    /// <summary>Whether the registry is to be asked itself.</summary>
    public bool IsDirect => !Blocked && Mirrors is null or [] && (Prefix is null || Location is null || Prefix == Location);

    /// <summary>How long the part of a repository's name is that the entry is for; 0 if it is for another.</summary>
    public int Match(string repository)
    {
        if ((Prefix ?? Location) is not { Length: > 0 } prefix)
            return 0;
        if (prefix.StartsWith("*.", StringComparison.Ordinal))
            return repository.Split('/')[0].Split(':')[0].EndsWith(prefix[1..], StringComparison.Ordinal) ? prefix.Length : 0;
        return repository.StartsWith(prefix, StringComparison.Ordinal)
            && (repository.Length == prefix.Length || repository[prefix.Length] is '/' or ':') ? prefix.Length : 0;
    }
}

[TomlSourceGenerationOptions(PropertyNamingPolicy = System.Text.Json.Serialization.JsonKnownNamingPolicy.SnakeCaseLower)]
[TomlSerializable(typeof(RegistriesFile))]
internal sealed partial class RegistryToml : TomlSerializerContext;
