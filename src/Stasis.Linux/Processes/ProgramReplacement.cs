using System.Runtime.InteropServices;
using Stasis.Linux.Native;

namespace Stasis.Linux.Processes;

/// <summary>
/// Replaces the program of this process (execve(2)). The new one gets what this one was started with: environment, working directory,
/// descriptors, limits, blocked and ignored signals. Only SIGPIPE has its default action whatever it was, since the .NET runtime
/// ignores it before any code of ours runs. (A .NET runtime that isn't compiled ahead of time also raises RLIMIT_NOFILE.)
/// </summary>
public static unsafe class ProgramReplacement
{
    /// <summary>Runs a program in place of this one. Returns only by an exception.</summary>
    /// <param name="program">Path of the program, or a name that is searched on PATH.</param>
    /// <param name="arguments">Its arguments; the first is its name.</param>
    /// <exception cref="LinuxException">It can't be run; ENOENT if there is none.</exception>
    public static void Run(string program, IReadOnlyList<byte[]> arguments)
    {
        var path = ExecutablePath.Find(program) ?? throw new LinuxException("exec", program, Errno.ENOENT);
        using var file = new NativeStringArray([path]);
        var pointers = (byte**)NativeMemory.AllocZeroed((nuint)arguments.Count + 1, (nuint)sizeof(byte*));
        try
        {
            for (var i = 0; i < arguments.Count; i++)
                pointers[i] = Copy(arguments[i]);
            var ignored = Libc.signal(Libc.SIGPIPE, 0);
            _ = Libc.execv(file.Pointers[0], pointers);
            var failure = LinuxException.Last("exec", path);
            _ = Libc.signal(Libc.SIGPIPE, ignored);
            throw failure;
        }
        finally
        {
            for (var i = 0; i < arguments.Count; i++)
                NativeMemory.Free(pointers[i]);
            NativeMemory.Free(pointers);
        }
    }

    private static byte* Copy(byte[] text)
    {
        var copy = (byte*)NativeMemory.AllocZeroed((nuint)text.Length + 1);
        text.CopyTo(new Span<byte>(copy, text.Length));
        return copy;
    }
}
