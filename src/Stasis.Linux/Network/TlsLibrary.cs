using System.Runtime.InteropServices;

namespace Stasis.Linux.Network;

/// <summary>OpenSSL, which .NET's TLS looks for when it is first used: without it, the process would be aborted.</summary>
public static class TlsLibrary
{
    private static readonly Lazy<bool> Found = new(
        () => ((string[])["libssl.so.3", "libssl.so.1.1"]).Any(name => NativeLibrary.TryLoad(name, out _)));

    /// <summary>Whether it is installed.</summary>
    public static bool IsInstalled => Found.Value;
}
