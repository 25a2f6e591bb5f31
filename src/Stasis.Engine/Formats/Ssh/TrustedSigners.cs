using Stasis.Engine.Errors;

namespace Stasis.Engine.Formats.Ssh;

/// <summary>
/// Public keys whose signatures are trusted: lines of .pub files, or lines with principals and options of
/// ssh-keygen's allowed signers file.
/// </summary>
public sealed class TrustedSigners
{
    private readonly Dictionary<SshPublicKey, string> _keys = [];

    private TrustedSigners(string source) => Source = source;

    /// <summary>Where the keys come from, for messages.</summary>
    public string Source { get; }

    /// <summary>Reads a file of keys.</summary>
    /// <exception cref="StasisException">The file can't be read, has a malformed line, or has no key that may sign archives.</exception>
    public static TrustedSigners Read(string file) =>
        Parse(KeyFile.Lines(KeyFile.Read(file, "signers' keys")).Select(line => line.Text), file);

    /// <summary>Parses lines. Keys of unsupported types, certificate authorities and keys for other purposes are skipped.</summary>
    /// <param name="lines">One line for each key.</param>
    /// <param name="source">Where the lines come from, for messages.</param>
    /// <exception cref="StasisException">A line is malformed, or there is no key that may sign archives.</exception>
    public static TrustedSigners Parse(IEnumerable<string> lines, string source)
    {
        var signers = new TrustedSigners(source);
        foreach (var line in lines)
        {
            try
            {
                signers.Add(line);
            }
            catch (FormatException e)
            {
                throw new StasisException($"signers' keys {source}: \"{line}\": {e.Message}", e)
                {
                    Remedy = "a line is what a .pub file holds, ssh-ed25519 AAAA… NAME, or one of ssh-keygen's allowed signers",
                };
            }
        }
        return signers._keys.Count > 0
            ? signers
            : throw new StasisException($"signers' keys {source}: there is none that could have signed an archive")
            {
                Remedy =
                    $"put the public key of who signs in it: ssh-keygen -t ed25519 -f FILE makes a key, and FILE.pub is the public part",
            };
    }

    /// <summary>The name that a key is trusted under; null if the key isn't trusted.</summary>
    public string? NameOf(SshPublicKey key) => _keys.GetValueOrDefault(key);

    // [PRINCIPALS [OPTIONS]] TYPE KEY [COMMENT]
    private void Add(string line)
    {
        var words = line.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
        var at = Array.FindIndex(words, 0, Math.Min(words.Length, 3), word => SshPublicKey.IsKnownType(word));
        if (at < 0)
        {
            if (Array.Exists(words, word => word.StartsWith("AAAA", StringComparison.Ordinal)))
                return;
            throw new FormatException("it is not an SSH public key");
        }
        var options = at == 2 ? words[1] : "";
        var key = SshPublicKey.Parse(string.Join(' ', words[at..]));
        if (AllowedSignerOptions.Permits(options))
            _keys[key] = at > 0 ? words[0] : words.Length > 2 ? string.Join(' ', words[2..]) : key.Fingerprint;
    }
}
