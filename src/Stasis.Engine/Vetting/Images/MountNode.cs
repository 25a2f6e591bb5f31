using Stasis.Engine.Criu.Images;

namespace Stasis.Engine.Vetting.Images;

/// <summary>A mount in the images.</summary>
internal sealed record MountNode
{
    // enum fstype of images/mnt.proto.
    public const uint Proc = 1, Sysfs = 2, DevTmpfs = 3, Tmpfs = 5, Devpts = 6, Cgroup = 12, Mqueue = 14, Cgroup2 = 23;

    public required uint Id { get; init; }
    public required uint Parent { get; init; }
    public required uint FileSystem { get; init; }
    public required uint Device { get; init; }
    public required uint Flags { get; init; }
    public required string Root { get; init; }
    public required string Point { get; init; }
    public required string Options { get; init; }
    public required string? Key { get; init; }

    /// <summary>Whether the mount is the root of its mount namespace.</summary>
    public bool IsRoot => Point == "/";

    /// <summary>Whether the mount is external: it comes from the runtime, under a key.</summary>
    public bool IsExternal => Key is not null;

    public static MountNode FromRecord(ImageRecord record) => new()
    {
        Id = record.U32("mnt_id"),
        Parent = record.U32("parent_mnt_id"),
        FileSystem = record.U32("fstype"),
        Device = record.U32("root_dev"),
        Flags = record.U32("flags"),
        Root = record.Text("root"),
        Point = record.Text("mountpoint"),
        Options = record.Text("options"),
        Key = record.Has("ext_key") ? record.Text("ext_key") : null,
    };
}
