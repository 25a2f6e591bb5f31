using System.Runtime.InteropServices;

namespace Stasis.Linux.Native;

/// <summary>openssl/evp.h and hmac.h of libcrypto 3, as far as age and SSH signatures need them.</summary>
internal static unsafe partial class Evp
{
    internal const int X25519 = 1034; // EVP_PKEY_X25519
    internal const int Ed25519 = 1087; // EVP_PKEY_ED25519
    internal const int GetTag = 0x10; // EVP_CTRL_AEAD_GET_TAG
    internal const int SetTag = 0x11; // EVP_CTRL_AEAD_SET_TAG
    private const ulong NoLoadConfig = 0x80; // OPENSSL_INIT_NO_LOAD_CONFIG
    private const ulong NoAtExit = 0x80000; // OPENSSL_INIT_NO_ATEXIT

    // The host's openssl.cnf may name modules, which a statically linked libcrypto can't load.
    static Evp()
    {
        Libraries.Register();
        _ = OPENSSL_init_crypto(NoLoadConfig | NoAtExit, 0);
    }

    [LibraryImport("crypto")]
    private static partial int OPENSSL_init_crypto(ulong options, nint settings);

    [LibraryImport("crypto")]
    internal static partial nint EVP_CIPHER_CTX_new();

    [LibraryImport("crypto")]
    internal static partial void EVP_CIPHER_CTX_free(nint context);

    [LibraryImport("crypto")]
    internal static partial nint EVP_chacha20_poly1305();

    [LibraryImport("crypto")]
    internal static partial int EVP_CipherInit_ex(CipherHandle context, nint cipher, nint engine, byte* key, byte* nonce, int encrypts);

    [LibraryImport("crypto")]
    internal static partial int EVP_CipherUpdate(CipherHandle context, byte* output, out int written, byte* input, int size);

    [LibraryImport("crypto")]
    internal static partial int EVP_CipherFinal_ex(CipherHandle context, byte* output, out int written);

    [LibraryImport("crypto")]
    internal static partial int EVP_CIPHER_CTX_ctrl(CipherHandle context, int command, int size, byte* data);

    [LibraryImport("crypto")]
    internal static partial nint EVP_PKEY_new_raw_private_key(int type, nint engine, ReadOnlySpan<byte> key, nuint size);

    [LibraryImport("crypto")]
    internal static partial nint EVP_PKEY_new_raw_public_key(int type, nint engine, ReadOnlySpan<byte> key, nuint size);

    [LibraryImport("crypto")]
    internal static partial int EVP_PKEY_get_raw_public_key(KeyHandle key, Span<byte> output, ref nuint size);

    [LibraryImport("crypto")]
    internal static partial void EVP_PKEY_free(nint key);

    [LibraryImport("crypto")]
    internal static partial nint EVP_PKEY_CTX_new(KeyHandle key, nint engine);

    [LibraryImport("crypto")]
    internal static partial void EVP_PKEY_CTX_free(nint context);

    [LibraryImport("crypto")]
    internal static partial int EVP_PKEY_derive_init(nint context);

    [LibraryImport("crypto")]
    internal static partial int EVP_PKEY_derive_set_peer(nint context, KeyHandle peer);

    [LibraryImport("crypto")]
    internal static partial int EVP_PKEY_derive(nint context, Span<byte> secret, ref nuint size);

    [LibraryImport("crypto")]
    internal static partial nint EVP_MD_CTX_new();

    [LibraryImport("crypto")]
    internal static partial void EVP_MD_CTX_free(nint context);

    [LibraryImport("crypto")]
    internal static partial int EVP_DigestSignInit(nint context, nint keyContext, nint digest, nint engine, KeyHandle key);

    [LibraryImport("crypto")]
    internal static partial int EVP_DigestSign(nint context, Span<byte> signature, ref nuint size, ReadOnlySpan<byte> data, nuint dataSize);

    [LibraryImport("crypto")]
    internal static partial int EVP_DigestVerifyInit(nint context, nint keyContext, nint digest, nint engine, KeyHandle key);

    [LibraryImport("crypto")]
    internal static partial int EVP_DigestVerify(
        nint context,
        ReadOnlySpan<byte> signature,
        nuint size,
        ReadOnlySpan<byte> data,
        nuint dataSize);

    [LibraryImport("crypto")]
    internal static partial nint EVP_sha256();

    [LibraryImport("crypto")]
    internal static partial nint HMAC(
        nint digest,
        ReadOnlySpan<byte> key,
        int keySize,
        ReadOnlySpan<byte> data,
        nuint size,
        Span<byte> output,
        nint outputSize);

    [LibraryImport("crypto")]
    internal static partial void ERR_clear_error();
}

/// <summary>EVP_CIPHER_CTX.</summary>
internal sealed class CipherHandle : SafeHandle
{
    public CipherHandle()
        : base(0, ownsHandle: true) => SetHandle(Evp.EVP_CIPHER_CTX_new());

    public override bool IsInvalid => handle == 0;

    // EVP_CIPHER_CTX_free(3) wipes the key.
    protected override bool ReleaseHandle()
    {
        Evp.EVP_CIPHER_CTX_free(handle);
        return true;
    }
}

/// <summary>EVP_PKEY.</summary>
internal sealed class KeyHandle : SafeHandle
{
    private KeyHandle(nint key)
        : base(0, ownsHandle: true) => SetHandle(key);

    public override bool IsInvalid => handle == 0;

    /// <summary>A secret key of 32 bytes.</summary>
    public static KeyHandle Private(int type, ReadOnlySpan<byte> key) =>
        new(Evp.EVP_PKEY_new_raw_private_key(type, 0, key, (nuint)key.Length));

    /// <summary>A public key of 32 bytes.</summary>
    public static KeyHandle Public(int type, ReadOnlySpan<byte> key) =>
        new(Evp.EVP_PKEY_new_raw_public_key(type, 0, key, (nuint)key.Length));

    /// <summary>The public key.</summary>
    public byte[] PublicKey()
    {
        var key = new byte[32];
        var size = (nuint)key.Length;
        return Evp.EVP_PKEY_get_raw_public_key(this, key, ref size) == 1
            ? key
            : throw new InvalidOperationException("libcrypto gives no public key");
    }

    protected override bool ReleaseHandle()
    {
        Evp.EVP_PKEY_free(handle);
        return true;
    }
}
