using System.Runtime.InteropServices;

namespace Stasis.Linux.Native;

/// <summary>openssl/sha.h.</summary>
internal static partial class Crypto
{
    /// <summary>sizeof(SHA256_CTX) is 112.</summary>
    internal const int ContextSize = 112;

    /// <summary>sizeof(SHA512_CTX) is 216.</summary>
    internal const int Context512Size = 216;

    static Crypto() => Libraries.Register();

    [LibraryImport("crypto")]
    internal static partial int SHA256_Init(Span<byte> context);

    [LibraryImport("crypto")]
    internal static partial int SHA256_Update(Span<byte> context, ReadOnlySpan<byte> data, nuint size);

    [LibraryImport("crypto")]
    internal static partial int SHA256_Final(Span<byte> hash, Span<byte> context);

    [LibraryImport("crypto")]
    internal static partial int SHA512_Init(Span<byte> context);

    [LibraryImport("crypto")]
    internal static partial int SHA512_Update(Span<byte> context, ReadOnlySpan<byte> data, nuint size);

    [LibraryImport("crypto")]
    internal static partial int SHA512_Final(Span<byte> hash, Span<byte> context);
}
