using Stasis.Linux.Files;

namespace Stasis.Engine.Storage;

/// <summary>What a file's times tell: whether it may have been written to since.</summary>
internal static class FileUnchangedCheck
{
    // A file may change again within the time that one tick of the kernel's clock gives to all changes: until it is
    // that old, its times don't tell.
    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan CoarseTick = TimeSpan.FromSeconds(2);

    /// <summary>When its content was last changed, in nanoseconds since 1970.</summary>
    public static long Modified(in FileStatus file) => (file.ModifiedSeconds * 1_000_000_000) + file.ModifiedNanoseconds;

    /// <summary>When its content or attributes were last changed, in nanoseconds since 1970.</summary>
    public static long Changed(in FileStatus file) => (file.ChangedSeconds * 1_000_000_000) + file.ChangedNanoseconds;

    /// <summary>Whether any change from that moment on would have given the file another time of change.</summary>
    public static bool IsSettled(in FileStatus file, DateTimeOffset when) =>
        When(Changed(file)) is var changed && when - changed > TickOf(file);

    /// <summary>
    /// Whether the content that a file had before it got its name is the one that it has with it: any change since
    /// would have given it another time of modification.
    /// </summary>
    /// <param name="before">What it was without one.</param>
    /// <param name="named">What it is now.</param>
    public static bool IsUnchanged(in FileStatus before, in FileStatus named) =>
        (before.ContainingDevice, before.Inode, before.Size, Modified(before))
            == (named.ContainingDevice, named.Inode, named.Size, Modified(named))
        && When(Changed(named)) - When(Modified(named)) > TickOf(named);

    /// <summary>
    /// How long it takes until a change of a file's attributes can't have the time of the last change of its content;
    /// none if it has a clock too coarse to wait for.
    /// </summary>
    public static TimeSpan UntilSettled(in FileStatus file, DateTimeOffset now) =>
        file.ModifiedNanoseconds == 0 ? TimeSpan.Zero : When(Modified(file)) + (Tick * 1.5) - now;

    private static TimeSpan TickOf(in FileStatus file) => file.ChangedNanoseconds == 0 ? CoarseTick : Tick;

    private static DateTimeOffset When(long nanoseconds) => DateTimeOffset.UnixEpoch.AddMicroseconds(nanoseconds / 1000);
}
