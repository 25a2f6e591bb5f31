using Stasis.Linux.Native;

namespace Stasis.Linux.Cryptography;

/// <summary>Random numbers from the kernel (getrandom(2)), as text. .NET's RandomNumberGenerator initialises all of OpenSSL first.</summary>
public static class RandomHex
{
    /// <summary>Hexadecimal digits in lower case, an even number of them and at most 512, which getrandom gives in one piece.</summary>
    public static string Digits(int count)
    {
        Span<byte> bytes = stackalloc byte[count / 2];
        if (Libc.getrandom(bytes, (nuint)bytes.Length, 0) != bytes.Length)
            throw LinuxException.Last("getrandom");
        return Convert.ToHexStringLower(bytes);
    }
}
