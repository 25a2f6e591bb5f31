using System.Runtime.InteropServices;

namespace Stasis.Linux.Native;

/// <summary>zstd.h: the stable API of 1.4 and later. Linked into the AOT binary; without AOT, the system's library is loaded.</summary>
internal static unsafe partial class Zstd
{
    internal const int CompressionLevel = 100;
    internal const int ChecksumFlag = 201;
    internal const int Workers = 400;
    internal const int Continue = 0;
    internal const int Flush = 1;
    internal const int End = 2;

    static Zstd() => Libraries.Register();

    [StructLayout(LayoutKind.Sequential)]
    internal struct Buffer
    {
        public byte* Bytes;
        public nuint Size;
        public nuint Position;
    }

    [LibraryImport("zstd")]
    internal static partial nint ZSTD_createCCtx();

    [LibraryImport("zstd")]
    internal static partial nuint ZSTD_freeCCtx(nint context);

    [LibraryImport("zstd")]
    internal static partial nuint ZSTD_CCtx_setParameter(ZstdEncoderHandle context, int parameter, int value);

    [LibraryImport("zstd")]
    internal static partial nuint ZSTD_compressStream2(ZstdEncoderHandle context, Buffer* output, Buffer* input, int directive);

    [LibraryImport("zstd")]
    internal static partial nuint ZSTD_compress2(ZstdEncoderHandle context, byte* target, nuint capacity, byte* source, nuint size);

    [LibraryImport("zstd")]
    internal static partial nuint ZSTD_compressBound(nuint size);

    [LibraryImport("zstd")]
    internal static partial nint ZSTD_createDCtx();

    [LibraryImport("zstd")]
    internal static partial nuint ZSTD_decompressDCtx(ZstdDecoderHandle context, byte* target, nuint capacity, byte* source, nuint size);

    [LibraryImport("zstd")]
    internal static partial nuint ZSTD_freeDCtx(nint context);

    [LibraryImport("zstd")]
    internal static partial nuint ZSTD_decompressStream(ZstdDecoderHandle context, Buffer* output, Buffer* input);

    [LibraryImport("zstd")]
    internal static partial uint ZSTD_isError(nuint code);

    [LibraryImport("zstd")]
    internal static partial byte* ZSTD_getErrorName(nuint code);

    internal static nuint Check(nuint code) =>
        ZSTD_isError(code) == 0 ? code : throw new InvalidDataException(Marshal.PtrToStringUTF8((nint)ZSTD_getErrorName(code)));
}

/// <summary>ZSTD_CCtx.</summary>
internal sealed class ZstdEncoderHandle : SafeHandle
{
    public ZstdEncoderHandle()
        : base(0, ownsHandle: true) => SetHandle(Zstd.ZSTD_createCCtx());

    public override bool IsInvalid => handle == 0;

    protected override bool ReleaseHandle() => Zstd.ZSTD_freeCCtx(handle) == 0;
}

/// <summary>ZSTD_DCtx.</summary>
internal sealed class ZstdDecoderHandle : SafeHandle
{
    public ZstdDecoderHandle()
        : base(0, ownsHandle: true) => SetHandle(Zstd.ZSTD_createDCtx());

    public override bool IsInvalid => handle == 0;

    protected override bool ReleaseHandle() => Zstd.ZSTD_freeDCtx(handle) == 0;
}
