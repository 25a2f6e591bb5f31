using Stasis.Linux.Cryptography;

namespace Stasis.Engine.Containers.Create;

/// <summary>Generates names and IDs of containers.</summary>
internal static class ContainerNameGenerator
{
    private static readonly string[] Adjectives =
    [
        "agile", "amber", "ancient", "arctic", "ardent", "autumn", "bold", "brave", "bright", "brisk", "calm", "candid",
        "careful", "cheerful", "clever", "cool", "cosmic", "crisp", "curious", "daring", "deep", "eager", "early",
        "earnest", "elegant", "fair", "famous", "fluent", "frosty", "frozen", "gentle", "glad", "golden", "graceful",
        "grand", "hardy", "honest", "icy", "jolly", "keen", "kind", "lively", "lucid", "merry", "mild", "modest",
        "noble", "patient", "placid", "polar", "proud", "quick", "quiet", "rapid", "ready", "serene", "sharp", "silent",
        "steady", "still", "sunny", "swift", "tidy", "tranquil", "vivid", "warm", "wise", "witty",
    ];

    // People who worked on cold, time and sleep, or on what computers are.
    private static readonly string[] Surnames =
    [
        "amundsen", "anning", "babbage", "bartik", "bentham", "bohr", "boyle", "carnot", "cerf", "clausius", "curie",
        "dewar", "dijkstra", "einstein", "euler", "faraday", "fourier", "franklin", "galileo", "gauss", "germain",
        "gibbs", "hamilton", "harrison", "hertz", "hopper", "huygens", "joule", "kapitza", "kelvin", "kepler", "kilby",
        "knuth", "lamarr", "leibniz", "liskov", "linde", "lovelace", "maxwell", "meitner", "mendel", "nansen", "nernst",
        "newton", "noether", "onnes", "pascal", "payne", "perlman", "planck", "rankine", "ritchie", "rutherford",
        "shackleton", "shannon", "somerville", "thompson", "torvalds", "turing", "volta", "watt", "wilkes", "wren",
        "wu", "zuse",
    ];

    /// <summary>Returns a new random ID: 64 hexadecimal digits.</summary>
    public static string NewId() => RandomHex.Digits(64);

    /// <summary>Generates a name, adjective_surname, for which <paramref name="taken"/> is false.</summary>
    public static string Generate(Func<string, bool> taken)
    {
        for (var attempt = 0; ; attempt++)
        {
            var name = $"{Pick(Adjectives)}_{Pick(Surnames)}";
            // On a host with thousands of containers there aren't enough pairs of words.
            if (attempt >= 8)
                name += Random.Shared.Next(10_000);
            if (!taken(name))
                return name;
        }
    }

    private static string Pick(string[] words) => words[Random.Shared.Next(words.Length)];
}
