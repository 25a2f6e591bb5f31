using Stasis.Engine.Errors;

namespace Stasis.Engine.Formats.Ssh;

/// <summary>Whose signatures count: public keys as in a .pub file, or with principals and options before them as in ssh-keygen's allowed signers file.</summary>
public sealed class TrustedSigners
{
    private readonly Dictionary<SshPublicKey, string> _keys = [];

    private TrustedSigners(string source) => Source = source;

    /// <summary>Where they are written, for messages.</summary>
    public string Source { get; }

    /// <summary>Reads a file of them.</summary>
    /// <exception cref="StasisException">It can't be read, or holds none.</exception>
    public static TrustedSigners Read(string file) => Parse(KeyFile.Lines(KeyFile.Read(file, "signers' keys")).Select(line => line.Text), file);

    /// <summary>Takes them out of lines. Keys of a type that isn't understood are nobody's here, as are certificate authorities and keys for other purposes.</summary>
    /// <param name="lines">One for each key.</param>
    /// <param name="source">Where they are written.</param>
    /// <exception cref="StasisException">A line is no key, or no key is left.</exception>
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
                throw new StasisException($"signers' keys {source}: \"{line}\": {e.Message}", e) { Remedy = "a line is what a .pub file holds, ssh-ed25519 AAAA… NAME, or one of ssh-keygen's allowed signers" };
            }
        }
        return signers._keys.Count > 0 ? signers : throw new StasisException($"signers' keys {source}: there is none that could have signed an archive")
        {
            Remedy = $"put the public key of who signs in it: ssh-keygen -t ed25519 -f FILE makes a key, and FILE.pub is the public part",
        };
    }

    /// <summary>The name that a key is trusted under; null if it isn't.</summary>
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
