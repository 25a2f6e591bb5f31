using System.Security.Cryptography;
using Stasis.Engine.Errors;
using Stasis.Linux.Cryptography;

namespace Stasis.Engine.Formats.Ssh;

/// <summary>Signs with a secret key in a file, or with one that the SSH agent holds.</summary>
internal sealed class SshSigner
{
    private const string Armor = "OPENSSH PRIVATE KEY";
    private readonly byte[]? _seed; // null if the agent has the secret key

    private SshSigner(SshPublicKey key, byte[]? seed) => (Key, _seed) = (key, seed);

    private static ReadOnlySpan<byte> Magic => "openssh-key-v1\0"u8;

    public SshPublicKey Key { get; }

    /// <summary>
    /// Opens a key: the file of a secret key, as ssh-keygen writes it, or that of a public key whose secret
    /// key the SSH agent has. For a secret key with a passphrase, the agent is used, too.
    /// </summary>
    /// <exception cref="StasisException">The file can't be read, others have access to it, or the key is of another type.</exception>
    public static SshSigner Open(string path)
    {
        try
        {
            var text = KeyFile.Read(path, "key");
            if (!text.Contains("-----BEGIN", StringComparison.Ordinal))
                return new SshSigner(SshPublicKey.Parse(text.Trim()), null);
            return Decode(SshPem.Decode(KeyFile.ReadSecret(path, "key"), Armor));
        }
        catch (FormatException e)
        {
            throw new StasisException($"key {path}: {e.Message}", e) { Remedy = $"ssh-keygen -t ed25519 -f FILE makes one" };
        }
    }

    /// <summary>Signs the file with a hash.</summary>
    /// <exception cref="StasisException">There is no agent, or it doesn't have the key.</exception>
    public SshSignature Sign(byte[] sha256)
    {
        var data = SshSignature.Signed(SshSignature.Sha256, sha256);
        var signature = _seed is null
            ? SshAgent.Sign(Key, data)
            : new SshWriter().String(Key.Type).String(Ed25519.Sign(_seed, data)).ToArray();
        var made = SshSignature.Create(Key, SshSignature.Sha256, signature);
        return made.IsOf(sha256)
            ? made
            : throw new StasisException($"signing with key {Key.Fingerprint}: the SSH agent gave a signature that is not the key's");
    }

    // OpenSSH's PROTOCOL.key.
    private static SshSigner Decode(ReadOnlySpan<byte> content)
    {
        var reader = new SshReader(content);
        reader.Require(Magic, "it is not a key of OpenSSH");
        var cipher = reader.Text();
        _ = reader.String(); // the passphrase's hash, and its options
        _ = reader.String();
        if (reader.Number() != 1)
            throw new FormatException("it holds more than one key");
        var key = SshPublicKey.Decode(reader.String());
        if (cipher != "none" || key.Type != SshPublicKey.Ed25519Type)
            return new SshSigner(key, null);
        var secret = new SshReader(reader.String());
        if (secret.Number() != secret.Number() || secret.Text() != key.Type)
            throw new FormatException("it is damaged");
        var copy = secret.String();
        var pair = secret.String(); // the seed, and the public key again
        if (pair.Length != 2 * Ed25519.KeySize || !pair[Ed25519.KeySize..].SequenceEqual(copy))
            throw new FormatException("it is damaged");
        var seed = pair[..Ed25519.KeySize].ToArray();
        // Signing with a public key that doesn't belong to the secret key would reveal the secret key.
        return SshPublicKey.FromEd25519(Ed25519.PublicKey(seed)).Equals(key)
            && CryptographicOperations.FixedTimeEquals(pair[Ed25519.KeySize..], Ed25519.PublicKey(seed))
            ? new SshSigner(key, seed)
            : throw new FormatException("its public and secret parts don't belong together");
    }
}
