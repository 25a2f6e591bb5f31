using System.Runtime.InteropServices;

namespace Stasis.Linux.Native;

/// <summary>openssl/sha.h.</summary>
internal static partial class Crypto
{
    /// <summary>sizeof(SHA256_CTX) is 112.</summary>
    internal const int ContextSize = 112;

    static Crypto() => Libraries.Register();

    [LibraryImport("crypto")]
    internal static partial int SHA256_Init(Span<byte> context);

    [LibraryImport("crypto")]
    internal static partial int SHA256_Update(Span<byte> context, ReadOnlySpan<byte> data, nuint size);

    [LibraryImport("crypto")]
    internal static partial int SHA256_Final(Span<byte> hash, Span<byte> context);
}
