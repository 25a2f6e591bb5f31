using Stasis.Linux.Native;

namespace Stasis.Linux.Cryptography;

/// <summary>Random bytes from the kernel (getrandom(2)). .NET's RandomNumberGenerator would initialise all of OpenSSL.</summary>
public static class RandomBytes
{
    /// <summary>Gets random bytes: at most 256, which getrandom(2) returns in one call.</summary>
    public static byte[] Get(int count)
    {
        var bytes = new byte[count];
        if (count > 256 || Libc.getrandom(bytes, (nuint)count, 0) != count)
            throw LinuxException.Last("getrandom");
        return bytes;
    }
}
