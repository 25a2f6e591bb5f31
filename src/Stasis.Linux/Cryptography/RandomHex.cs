using Stasis.Linux.Native;

namespace Stasis.Linux.Cryptography;

/// <summary>
/// Random hexadecimal digits from the kernel (getrandom(2)). .NET's RandomNumberGenerator would initialise all of OpenSSL.
/// </summary>
public static class RandomHex
{
    /// <summary>Gets lower-case digits.</summary>
    /// <param name="count">How many: an even number, at most 512, which getrandom(2) returns in one call.</param>
    public static string Digits(int count)
    {
        Span<byte> bytes = stackalloc byte[count / 2];
        if (Libc.getrandom(bytes, (nuint)bytes.Length, 0) != bytes.Length)
            throw LinuxException.Last("getrandom");
        return Convert.ToHexStringLower(bytes);
    }
}
