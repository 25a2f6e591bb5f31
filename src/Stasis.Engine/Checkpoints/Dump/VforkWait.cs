using System.Buffers.Binary;
using System.Runtime.InteropServices;

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
    public static bool IsAny(IEnumerable<int> pids) =>
        RuntimeInformation.ProcessArchitecture == Architecture.X64 && pids.SelectMany(ThreadSystemCall.GetThreads).Any(IsWaiting);

    private static bool IsWaiting(string thread) => ThreadSystemCall.TryRead(thread) switch
    {
        { Number: Vfork } => true,
        { Number: Clone, Argument: var flags } => (flags & CloneVfork) != 0,
        { Number: Clone3, Argument: var arguments } => (ReadFlags(thread, arguments) & CloneVfork) != 0,
        _ => false,
    };

    // The first member of struct clone_args.
    private static ulong ReadFlags(string thread, ulong address)
    {
        try
        {
            using var memory = File.OpenHandle(Path.Combine(thread, "mem"), FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
            var flags = new byte[sizeof(ulong)];
            return RandomAccess.Read(memory, flags, (long)address) == flags.Length ? BinaryPrimitives.ReadUInt64LittleEndian(flags) : 0;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return 0; // it has ended
        }
    }
}
