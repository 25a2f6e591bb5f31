using Stasis.Engine.Criu.Images;

namespace Stasis.Engine.Vetting.Images;

/// <summary>A mount in the images.</summary>
internal sealed record MountNode
{
    // enum fstype of images/mnt.proto.
    public const uint Proc = 1, Sysfs = 2, DevTmpfs = 3, Tmpfs = 5, Devpts = 6, Cgroup = 12, Mqueue = 14, Auto = 16, Cgroup2 = 23;

    /// <summary>The last value of enum fstype.</summary>
    public const uint LastFileSystem = Cgroup2;

    // MS_… of linux/mount.h, as CRIU writes them (criu/proc_parse.c: mnt_opt2flag, parse_mnt_opt).
    public const uint ReadOnly = 1, NoSuid = 2, NoDev = 4, NoExec = 8;
    public const uint Unbindable = 1 << 17, Slave = 1 << 19, Shared = 1 << 20;

    /// <summary>The number of the mount namespace's image.</summary>
    public required ulong Namespace { get; init; }

    /// <summary>Where the mount is in the images, for messages: "checkpoint/mountpoints-13.img[4]".</summary>
    public required string Where { get; init; }

    public required uint Id { get; init; }
    public required uint Parent { get; init; }
    public required uint FileSystem { get; init; }

    /// <summary>The file system's device number in the kernel's form: the major number from bit 20 on.</summary>
    public required uint Device { get; init; }

    /// <summary>Flags of the mount (MS_…).</summary>
    public required uint Flags { get; init; }

    /// <summary>Flags of the file system (MS_…); null if the image has none, and CRIU would take them from <see cref="Flags"/>.</summary>
    public required uint? FileSystemFlags { get; init; }

    public required string Root { get; init; }
    public required string Point { get; init; }
    public required string Source { get; init; }
    public required string Options { get; init; }
    public required uint PeerGroup { get; init; }
    public required uint MasterGroup { get; init; }
    public required string? Key { get; init; }

    /// <summary>Whether the mount is the root of its mount namespace.</summary>
    public bool IsRoot => Point == "/";

    /// <summary>Whether the mount is external: it comes from the runtime, under a key.</summary>
    public bool IsExternal => Key is not null;

    /// <summary>The last name of the mount point.</summary>
    public string Name => LastName(Point);

    public bool HasFlags(uint flags) => (Flags & flags) == flags;

    /// <summary>The last name of a path.</summary>
    public static string LastName(string path) => path[(path.LastIndexOf('/') + 1)..];

    public static MountNode FromRecord(ImageRecord record, ulong space, string where) => new()
    {
        Namespace = space,
        Where = where,
        Id = record.U32("mnt_id"),
        Parent = record.U32("parent_mnt_id"),
        FileSystem = record.U32("fstype"),
        Device = record.U32("root_dev"),
        Flags = record.U32("flags"),
        FileSystemFlags = record.Has("sb_flags") ? record.U32("sb_flags") : null,
        Root = record.Text("root"),
        Point = record.Text("mountpoint"),
        Source = record.Text("source"),
        Options = record.Text("options"),
        PeerGroup = record.U32("shared_id"),
        MasterGroup = record.U32("master_id"),
        Key = record.Has("ext_key") ? record.Text("ext_key") : null,
    };
}
