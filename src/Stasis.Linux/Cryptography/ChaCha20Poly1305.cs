using Stasis.Linux.Native;

namespace Stasis.Linux.Cryptography;

/// <summary>ChaCha20-Poly1305 (RFC 8439) of libcrypto, without additional data. .NET's class would initialise all of OpenSSL.</summary>
public sealed unsafe class ChaCha20Poly1305 : IDisposable
{
    /// <summary>Length of a key in bytes.</summary>
    public const int KeySize = 32;

    /// <summary>Length of a nonce in bytes. A nonce must not be used twice with the same key.</summary>
    public const int NonceSize = 12;

    /// <summary>How many bytes the ciphertext is longer than the plaintext.</summary>
    public const int TagSize = 16;

    private readonly CipherHandle _context = new();

    /// <summary>Creates a cipher for a key.</summary>
    public ChaCha20Poly1305(ReadOnlySpan<byte> key)
    {
        if (key.Length != KeySize)
            throw new ArgumentException($"a key has {KeySize} bytes", nameof(key));
        fixed (byte* bytes = key)
            Require(Evp.EVP_CipherInit_ex(_context, Evp.EVP_chacha20_poly1305(), 0, bytes, null, 1));
    }

    /// <summary>Encrypts. The tag is at the end of <paramref name="ciphertext"/>.</summary>
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

    /// <summary>Decrypts and verifies. False if the tag is wrong; <paramref name="plaintext"/> is then filled with zeros.</summary>
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
            throw new ArgumentException($"a nonce has {NonceSize} bytes, and a ciphertext is {TagSize} bytes longer than its plaintext");
    }

    private static void Require(int result)
    {
        if (result != 1)
            throw new InvalidOperationException("libcrypto has no ChaCha20-Poly1305");
    }
}
