namespace Stasis.Engine.Formats.Ssh;

/// <summary>
/// A detached signature of a file (OpenSSH's PROTOCOL.sshsig), over the file's hash and a namespace, with the
/// signer's public key. ssh-keygen -Y sign and -Y verify make and check the same signatures.
/// </summary>
public sealed class SshSignature
{
    /// <summary>The namespace of signatures (ssh-keygen -n). A signature that was made for another purpose isn't accepted.</summary>
    public const string Namespace = "stasis-archive";

    /// <summary>
    /// The hash that Stasis signs. Archives are identified by it anyway, and it is twice as fast as the other
    /// where the processor has instructions for it.
    /// </summary>
    internal const string Sha256 = "sha256";

    /// <summary>The hash that ssh-keygen signs by default.</summary>
    internal const string Sha512 = "sha512";

    private const string Armor = "SSH SIGNATURE";
    private const uint Version = 1;

    private readonly byte[] _signature;

    private SshSignature(SshPublicKey key, string hash, byte[] signature) => (Key, HashName, _signature) = (key, hash, signature);

    private static ReadOnlySpan<byte> Magic => "SSHSIG"u8;

    /// <summary>The key that the signature claims to be made with.</summary>
    public SshPublicKey Key { get; }

    /// <summary>The name of the signed hash, "sha256" or "sha512".</summary>
    internal string HashName { get; }

    /// <summary>Parses the content of a .sig file.</summary>
    /// <exception cref="FormatException">
    /// The text isn't a signature, is for another purpose, or was made with an unsupported key or hash.
    /// </exception>
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

    /// <summary>Creates a signature from its parts.</summary>
    internal static SshSignature Create(SshPublicKey key, string hashName, byte[] signature) => new(key, hashName, signature);

    /// <summary>The bytes that are signed: the hash and the namespace.</summary>
    internal static byte[] Signed(string hashName, ReadOnlySpan<byte> hash) =>
        new SshWriter().Raw(Magic).String(Namespace).String("").String(hashName).String(hash).ToArray();

    /// <summary>Whether this is a valid signature of the file with a hash.</summary>
    internal bool IsOf(ReadOnlySpan<byte> hash) => Key.Verifies(Signed(HashName, hash), _signature);

    /// <summary>The content of a .sig file.</summary>
    public override string ToString() => SshPem.Encode(
        new SshWriter()
            .Raw(Magic)
            .Number(Version)
            .String(Key.Blob)
            .String(Namespace)
            .String("")
            .String(HashName)
            .String(_signature)
            .ToArray(), Armor);
}
