namespace Stasis.Engine.Formats.Ssh;

/// <summary>
/// A detached signature of a file (OpenSSH's PROTOCOL.sshsig): it is over the file's hash and a namespace, and has the signer's public key in it. ssh-keygen -Y sign
/// and -Y verify make and check the same.
/// </summary>
public sealed class SshSignature
{
    /// <summary>What the signature is for: one that was made for another purpose doesn't count (ssh-keygen -n).</summary>
    public const string Namespace = "stasis-archive";

    /// <summary>What Stasis signs with: twice as fast as the other where the processor has instructions for it, and what archives are known by anyway.</summary>
    internal const string Sha256 = "sha256";

    /// <summary>What ssh-keygen signs with unless told otherwise.</summary>
    internal const string Sha512 = "sha512";

    private const string Armor = "SSH SIGNATURE";
    private const uint Version = 1;

    private readonly byte[] _signature;

    private SshSignature(SshPublicKey key, string hash, byte[] signature) => (Key, HashName, _signature) = (key, hash, signature);

    private static ReadOnlySpan<byte> Magic => "SSHSIG"u8;

    /// <summary>Whose it claims to be.</summary>
    public SshPublicKey Key { get; }

    /// <summary>"sha256" or "sha512".</summary>
    internal string HashName { get; }

    /// <summary>Reads what <see cref="ToString"/> gives.</summary>
    /// <exception cref="FormatException">It is none, one for another purpose, or made with a key that isn't understood.</exception>
    public static SshSignature Parse(string text)
    {
        var reader = new SshReader(SshPem.Decode(text, Armor));
        reader.Require(Magic, "it is not an SSH signature");
        if (reader.Number() is var version && version != Version)
            throw new FormatException($"it is of version {version}, which isn't understood");
        var key = SshPublicKey.Decode(reader.String());
        if (reader.Text() is var purpose && purpose != Namespace)
            throw new FormatException($"it was made for \"{purpose}\", not for \"{Namespace}\"");
        _ = reader.String(); // reserved: to be ignored
        var hash = reader.Text();
        if (hash is not (Sha256 or Sha512))
            throw new FormatException($"it is over a hash that isn't understood ({hash})");
        var signature = reader.String().ToArray();
        return reader.AtEnd ? new SshSignature(key, hash, signature) : throw new FormatException("something follows it");
    }

    /// <summary>Puts together what was signed.</summary>
    internal static SshSignature Create(SshPublicKey key, string hashName, byte[] signature) => new(key, hashName, signature);

    /// <summary>What is signed: the hash, and what it is for.</summary>
    internal static byte[] Signed(string hashName, ReadOnlySpan<byte> hash) =>
        new SshWriter().Raw(Magic).String(Namespace).String("").String(hashName).String(hash).ToArray();

    /// <summary>Whether it is that of the file with the hash.</summary>
    internal bool IsOf(ReadOnlySpan<byte> hash) => Key.Verifies(Signed(HashName, hash), _signature);

    /// <summary>The content of a .sig file.</summary>
    public override string ToString() => SshPem.Encode(
        new SshWriter().Raw(Magic).Number(Version).String(Key.Blob).String(Namespace).String("").String(HashName).String(_signature).ToArray(), Armor);
}
