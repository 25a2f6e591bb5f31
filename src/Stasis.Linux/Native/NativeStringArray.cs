using System.Runtime.InteropServices;

namespace Stasis.Linux.Native;

/// <summary>A null-terminated array of C strings, as execve(2) takes them.</summary>
internal sealed unsafe class NativeStringArray : IDisposable
{
    private readonly int _count;

    public NativeStringArray(IReadOnlyList<string> strings)
    {
        Pointers = (byte**)NativeMemory.AllocZeroed((nuint)strings.Count + 1, (nuint)sizeof(byte*));
        foreach (var s in strings)
            Pointers[_count++] = (byte*)Marshal.StringToCoTaskMemUTF8(s);
    }

    public byte** Pointers { get; }

    public void Dispose()
    {
        for (var i = 0; i < _count; i++)
            Marshal.FreeCoTaskMem((nint)Pointers[i]);
        NativeMemory.Free(Pointers);
    }
}
