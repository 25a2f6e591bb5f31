using System.Globalization;
using Stasis.Linux.Files;
using Stasis.Linux.Processes;

namespace Stasis.Engine.Checkpoints.Preflight;

/// <summary>A descriptor of a process (proc(5), /proc/PID/fd).</summary>
/// <param name="process">The process's folder in /proc.</param>
/// <param name="number">The descriptor.</param>
/// <param name="target">What its link says: a path, or "socket:[123]" and the like.</param>
internal sealed class OpenDescriptor(string process, int number, string target)
{
    private const string Socket = "socket:[", AnonymousInode = "anon_inode:", DeletedMark = " (deleted)";

    private FileStatus? _status;
    private bool _hasStatus;

    /// <summary>The descriptor.</summary>
    public int Number => number;

    /// <summary>What its link says: a path, or "socket:[123]" and the like.</summary>
    public string Target => target;

    /// <summary>The link itself.</summary>
    public string Link { get; } = string.Create(CultureInfo.InvariantCulture, $"{process}/fd/{number}");

    /// <summary>Whether it is of a file with a path, which may be deleted or out of the container's sight.</summary>
    public bool HasPath => target.StartsWith('/');

    /// <summary>Whether the link says that the file was deleted, or that its path leads to another file.</summary>
    public bool IsDeleted => HasPath && target.EndsWith(DeletedMark, StringComparison.Ordinal);

    /// <summary>The path without the mark of a deleted file.</summary>
    public string Path => IsDeleted ? target[..^DeletedMark.Length] : target;

    /// <summary>A socket's inode number; null if it is no socket.</summary>
    public uint? SocketInode =>
        target.StartsWith(Socket, StringComparison.Ordinal) && uint.TryParse(target.AsSpan()[Socket.Length..^1], out var inode)
            ? inode
            : null;

    /// <summary>The kind of a kernel object without a file, such as "[eventfd]"; null if it is none.</summary>
    public string? AnonymousKind =>
        target.StartsWith(AnonymousInode, StringComparison.Ordinal) ? target[AnonymousInode.Length..] : null;

    /// <summary>The text of /proc/PID/fdinfo/N; empty if it was closed since, or has become another file's.</summary>
    public string Info => field ??= ReadInfo();

    /// <summary>The open file's status; null if it was closed since, or has become another file's.</summary>
    public FileStatus? Status
    {
        get
        {
            if (!_hasStatus)
                (_hasStatus, _status) = (true, TryReadStatus());
            return _status;
        }
    }

    /// <summary>A number of <see cref="Info"/>, such as <c>mnt_id</c>; null if it has none of that name.</summary>
    public int? InfoNumber(string name) =>
        ProcStatus.Find(Info, name) is { } text && int.TryParse(text, CultureInfo.InvariantCulture, out var number) ? number : null;

    private string ReadInfo()
    {
        var text = ProcFileReader.TryRead(string.Create(CultureInfo.InvariantCulture, $"{process}/fdinfo/{number}")) ?? "";
        return IsUnchanged() ? text : "";
    }

    // A shell gives a number to another file and back within microseconds.
    private bool IsUnchanged()
    {
        try
        {
            return new FileInfo(Link).LinkTarget == target;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false; // the process has ended
        }
    }

    private FileStatus? TryReadStatus()
    {
        try
        {
            var status = FileStatus.TryReadTarget(Link);
            return IsUnchanged() ? status : null;
        }
        catch (IOException)
        {
            return null; // a file system that doesn't answer
        }
    }
}
