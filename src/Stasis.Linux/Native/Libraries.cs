using System.Reflection;
using System.Runtime.InteropServices;

namespace Stasis.Linux.Native;

/// <summary>Libraries that the AOT binary has linked in, so that this is never asked there; elsewhere the system's are loaded.</summary>
internal static class Libraries
{
    static Libraries() => NativeLibrary.SetDllImportResolver(typeof(Libraries).Assembly, Resolve);

    /// <summary>Has to be called before the first call into one of them.</summary>
    internal static void Register()
    {
    }

    // The names without a version are there only where the libraries' headers are installed.
    private static nint Resolve(string name, Assembly assembly, DllImportSearchPath? path) => name switch
    {
        "zstd" => NativeLibrary.Load("libzstd.so.1", assembly, path),
        "crypto" => NativeLibrary.Load("libcrypto.so.3", assembly, path),
        _ => 0,
    };
}
