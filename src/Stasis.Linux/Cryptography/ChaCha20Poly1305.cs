using Stasis.Linux.Native;

namespace Stasis.Linux.Cryptography;

/// <summary>ChaCha20-Poly1305 (RFC 8439) without additional data, libcrypto's: .NET's class initialises all of OpenSSL.</summary>
public sealed unsafe class ChaCha20Poly1305 : IDisposable
{
    /// <summary>Bytes of a key.</summary>
    public const int KeySize = 32;

    /// <summary>Bytes of a nonce, of which a key may see each only once.</summary>
    public const int NonceSize = 12;

    /// <summary>Bytes by which the ciphertext is longer.</summary>
    public const int TagSize = 16;

    private readonly CipherHandle _context = new();

    /// <summary>For one key.</summary>
    public ChaCha20Poly1305(ReadOnlySpan<byte> key)
    {
        if (key.Length != KeySize)
            throw new ArgumentException($"a key has {KeySize} bytes", nameof(key));
        fixed (byte* bytes = key)
            Require(Evp.EVP_CipherInit_ex(_context, Evp.EVP_chacha20_poly1305(), 0, bytes, null, 1));
    }

    /// <summary>Encrypts; <paramref name="ciphertext"/> has room for the tag, which follows what is encrypted.</summary>
    public void Encrypt(ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> plaintext, Span<byte> ciphertext)
    {
        RequireSizes(nonce, plaintext.Length, ciphertext.Length);
        fixed (byte* from = plaintext)
        fixed (byte* to = ciphertext)
        {
            Begin(nonce, encrypts: 1);
            if (plaintext.Length > 0)
                Require(Evp.EVP_CipherUpdate(_context, to, out _, from, plaintext.Length));
            Require(Evp.EVP_CipherFinal_ex(_context, to + plaintext.Length, out _));
            Require(Evp.EVP_CIPHER_CTX_ctrl(_context, Evp.GetTag, TagSize, to + plaintext.Length));
        }
    }

    /// <summary>Decrypts what <see cref="Encrypt"/> gives. False if it isn't that, and then <paramref name="plaintext"/> is zeros.</summary>
    public bool TryDecrypt(ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> ciphertext, Span<byte> plaintext)
    {
        RequireSizes(nonce, plaintext.Length, ciphertext.Length);
        fixed (byte* from = ciphertext)
        fixed (byte* to = plaintext)
        {
            byte nowhere;
            Begin(nonce, encrypts: 0);
            Require(Evp.EVP_CIPHER_CTX_ctrl(_context, Evp.SetTag, TagSize, from + plaintext.Length));
            if (plaintext.Length > 0)
                Require(Evp.EVP_CipherUpdate(_context, to, out _, from, plaintext.Length));
            if (Evp.EVP_CipherFinal_ex(_context, to is null ? &nowhere : to + plaintext.Length, out _) == 1)
                return true;
            Evp.ERR_clear_error();
            plaintext.Clear();
            return false;
        }
    }

    /// <summary>Wipes the key.</summary>
    public void Dispose() => _context.Dispose();

    private void Begin(ReadOnlySpan<byte> nonce, int encrypts)
    {
        fixed (byte* bytes = nonce)
            Require(Evp.EVP_CipherInit_ex(_context, 0, 0, null, bytes, encrypts));
    }

    private static void RequireSizes(ReadOnlySpan<byte> nonce, int plaintext, int ciphertext)
    {
        if (nonce.Length != NonceSize || ciphertext != plaintext + TagSize)
            throw new ArgumentException($"a nonce has {NonceSize} bytes, and a ciphertext is {TagSize} longer than what it holds");
    }

    private static void Require(int result)
    {
        if (result != 1)
            throw new InvalidOperationException("libcrypto has no ChaCha20-Poly1305");
    }
}
