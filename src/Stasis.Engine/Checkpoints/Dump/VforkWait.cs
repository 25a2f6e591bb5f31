using System.Buffers.Binary;
using System.Globalization;

namespace Stasis.Engine.Checkpoints.Dump;

/// <summary>
/// Threads that wait in vfork(2) until their child runs another program. If the child is frozen before it does, no signal and no tracer
/// reaches the parent, and CRIU gives up on it after ten seconds ("Unseizable non-zombie …, state D").
/// </summary>
internal static class VforkWait
{
    private const int Vfork = 58, Clone = 56, Clone3 = 435; // x86-64
    private const ulong CloneVfork = 0x4000; // CLONE_VFORK

    /// <summary>
    /// Whether a thread of a frozen process waits so. One that has returned from the call, and not yet to its program, counts as well.
    /// </summary>
    public static bool IsAny(IEnumerable<int> pids) => pids.Any(pid => IsAny(FormattableString.Invariant($"/proc/{pid}")));

    private static bool IsAny(string process)
    {
        try
        {
            return Directory.EnumerateDirectories(Path.Combine(process, "task")).Any(IsWaiting);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false; // it has ended
        }
    }

    // "58 0x0 0x7f12 …": the number of the call and its arguments (proc(5), /proc/PID/syscall).
    private static bool IsWaiting(string thread)
    {
        var call = File.ReadAllText(Path.Combine(thread, "syscall")).Split(' ');
        return int.TryParse(call[0], NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number switch
        {
            Vfork => true,
            Clone => (ParseHex(call[1]) & CloneVfork) != 0,
            Clone3 => (ReadFlags(thread, ParseHex(call[1])) & CloneVfork) != 0,
            _ => false,
        };
    }

    // The first member of struct clone_args.
    private static ulong ReadFlags(string thread, ulong address)
    {
        using var memory = File.OpenHandle(Path.Combine(thread, "mem"), FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        var flags = new byte[sizeof(ulong)];
        return RandomAccess.Read(memory, flags, (long)address) == flags.Length ? BinaryPrimitives.ReadUInt64LittleEndian(flags) : 0;
    }

    private static ulong ParseHex(string text) => ulong.Parse(text.AsSpan(2), NumberStyles.HexNumber, CultureInfo.InvariantCulture);
}
