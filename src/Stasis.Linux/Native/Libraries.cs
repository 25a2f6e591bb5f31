using System.Reflection;
using System.Runtime.InteropServices;

namespace Stasis.Linux.Native;

/// <summary>Resolves libraries that are linked into the AOT binary; without AOT, loads the system's.</summary>
internal static class Libraries
{
    static Libraries() => NativeLibrary.SetDllImportResolver(typeof(Libraries).Assembly, Resolve);

    /// <summary>Registers the resolver. To be called before the first call into one of the libraries.</summary>
    internal static void Register()
    {
    }

    // Names without a version exist only if the libraries' headers are installed.
    private static nint Resolve(string name, Assembly assembly, DllImportSearchPath? path) => name switch
    {
        "zstd" => NativeLibrary.Load("libzstd.so.1", assembly, path),
        "crypto" => NativeLibrary.Load("libcrypto.so.3", assembly, path),
        _ => 0,
    };
}
