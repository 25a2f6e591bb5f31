using Stasis.Linux.Native;

namespace Stasis.Linux.Cryptography;

/// <summary>Random numbers from the kernel (getrandom(2)), as <see cref="RandomHex"/>.</summary>
public static class RandomBytes
{
    /// <summary>At most 256, which getrandom gives in one piece.</summary>
    public static byte[] Get(int count)
    {
        var bytes = new byte[count];
        if (count > 256 || Libc.getrandom(bytes, (nuint)count, 0) != count)
            throw LinuxException.Last("getrandom");
        return bytes;
    }
}
