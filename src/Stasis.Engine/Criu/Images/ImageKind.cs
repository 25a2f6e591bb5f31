using System.Globalization;

namespace Stasis.Engine.Criu.Images;

/// <summary>
/// A kind of image files (criu/image-desc.c of CRIU 4.2): name, magic number (criu/include/magic.h), message. The image verifier
/// accepts some kinds and refuses others.
/// </summary>
/// <param name="Name">The file's name up to its number.</param>
/// <param name="Magic">The kind's magic number; 0 for files without one.</param>
/// <param name="Message">Name of the message of its records; null for files without records.</param>
/// <param name="Layout">What follows the magic numbers.</param>
/// <param name="Refused">Why a checkpoint that has such a file is refused; null if it isn't.</param>
internal sealed record ImageKind(string Name, uint Magic, string? Message, ImageLayout Layout, string? Refused = null)
{
    private const string Suffix = ".img", TarSuffix = ".tar.gz.img";
    private const string Obsolete = "no CRIU of the last years writes it, and what it holds would go unchecked";
    private const string Binfmt = "CRIU would register interpreters for the whole host";
    private const string Conntrack = "CRIU would put connections of it into the kernel's tables";
    private const string Bpf = "CRIU would make BPF maps of it, in the kernel and not in the container";

    private static readonly Dictionary<string, ImageKind> Kinds = ((ImageKind[])
    [
        new("inventory", 0x58313116, "inventory_entry", ImageLayout.One) { FirstMagic = null },
        new("pstree", 0x50273030, "pstree_entry", ImageLayout.Many),
        new("seccomp", 0x64413049, "seccomp_entry", ImageLayout.One),
        new("cgroup", 0x59383330, "cgroup_entry", ImageLayout.One),
        new("files", 0x56303138, "file_entry", ImageLayout.Many),
        new("remap-fpath", 0x59133954, "remap_file_path_entry", ImageLayout.Many),
        new("pipes-data", 0x56453709, "pipe_data_entry", ImageLayout.Counted),
        new("fifo-data", 0x59333054, "pipe_data_entry", ImageLayout.Counted),
        new("sk-queues", 0x56264026, "sk_packet_entry", ImageLayout.Counted),
        new("tty-info", 0x59453036, "tty_info_entry", ImageLayout.Many),
        new("tty-data", 0x59413026, "tty_data_entry", ImageLayout.Many),
        new("filelocks", 0x54323616, "file_lock_entry", ImageLayout.Many),
        new("memfd", 0x48453499, "memfd_inode_entry", ImageLayout.Many),
        new("core-", 0x55053847, "core_entry", ImageLayout.One),
        new("ids-", 0x54432030, "task_kobj_ids_entry", ImageLayout.One),
        new("mm-", 0x57492820, "mm_entry", ImageLayout.One),
        new("fs-", 0x51403912, "fs_entry", ImageLayout.One),
        new("fdinfo-", 0x56213732, "fdinfo_entry", ImageLayout.Many),
        new("pagemap-", 0x56084025, "pagemap_entry", ImageLayout.Pagemap),
        new("pagemap-shmem-", 0x56084025, "pagemap_entry", ImageLayout.Pagemap),
        new("pages-", 0, null, ImageLayout.Pages),
        new("ghost-file-", 0x52583605, "ghost_file_entry", ImageLayout.Ghost),
        new("tcp-stream-", 0x51465506, "tcp_stream_entry", ImageLayout.TcpQueues),
        new("mountpoints-", 0x55563928, "mnt_entry", ImageLayout.Many) { MaxRecords = 10_000 },
        new("utsns-", 0x54473203, "utsns_entry", ImageLayout.One),
        new("netns-", 0x55933752, "netns_entry", ImageLayout.One),
        new("pidns-", 0x61157326, "pidns_entry", ImageLayout.One),
        new("userns-", 0x55474906, "userns_entry", ImageLayout.One),
        new("timens-", 0x43114433, "timens_entry", ImageLayout.One),
        new("ipcns-var-", 0x53115007, "ipc_var_entry", ImageLayout.One),
        new("ipcns-shm-", 0x46283044, "ipc_shm_entry", ImageLayout.Segments),
        new("ipcns-msg-", 0x55453737, "ipc_msg_entry", ImageLayout.Messages),
        new("ipcns-sem-", 0x59573019, "ipc_sem_entry", ImageLayout.Semaphores),
        new("tmpfs-dev-", 0, null, ImageLayout.Tar),
        No("apparmor", "CRIU would load the policies in it into the kernel"),
        No("autofs-", "CRIU would mount an automounter of it"),
        No("binfmt-misc", Binfmt), No("binfmt-misc-", Binfmt),
        No("bpfmap-file", Bpf), No("bpfmap-data", Bpf), No("bpfmap-data-", Bpf),
        No("tunfile", "CRIU would make network devices of it"),
        new("netdev-", 0x57373951, "net_device_entry", ImageLayout.Many),
        new("ifaddr-", 0, null, ImageLayout.Netlink),
        new("route-", 0, null, ImageLayout.Netlink),
        new("route6-", 0, null, ImageLayout.Netlink),
        new("rule-", 0, null, ImageLayout.Netlink),
        new("nftables-", 0, null, ImageLayout.Text),
        new("iptables-", 0, null, ImageLayout.Text),
        new("ip6tables-", 0, null, ImageLayout.Text),
        No("netns-ct-", Conntrack), No("netns-exp-", Conntrack),
        No("irmap-cache", "CRIU would open files by the paths in it"),
        No("reg-files", Obsolete), No("ext-files", Obsolete), No("ns-files", Obsolete), No("tmpfs-", Obsolete), No("tty", Obsolete),
        No("eventfd", Obsolete), No("eventpoll", Obsolete), No("eventpoll-tfd", Obsolete), No("signalfd", Obsolete),
        No("timerfd", Obsolete), No("inotify", Obsolete), No("inotify-wd", Obsolete), No("fanotify", Obsolete),
        No("fanotify-mark", Obsolete),
        No("pidfd", Obsolete), No("unixsk", Obsolete), No("inetsk", Obsolete), No("packetsk", Obsolete), No("netlinksk", Obsolete),
        No("pipes", Obsolete),
        No("fifo", Obsolete), No("sigacts-", Obsolete), No("signal-s-", Obsolete), No("signal-p-", Obsolete), No("itimers-", Obsolete),
        No("posix-timers-", Obsolete), No("creds-", Obsolete), No("rlimit-", Obsolete), No("vmas-", Obsolete), No("pages-shmem-", Obsolete),
        No("cpuinfo", "CRIU compares processors with it, and no runtime has it written"),
    ]).ToDictionary(kind => kind.Name);

    /// <summary>
    /// stats-dump and stats-restore, which CRIU leaves in its work directory. Not in <see cref="All"/>: a dump's images don't include them.
    /// </summary>
    public static ImageKind Statistics { get; } = new("stats-", 0x57093306, "stats_entry", ImageLayout.One)
    {
        FirstMagic = ImageReader.ServiceMagic,
    };

    /// <summary>The magic number before the kind's own; null if there is none.</summary>
    public uint? FirstMagic { get; init; } = ImageReader.CommonMagic;

    /// <summary>
    /// The most records that a file may have. Each process has at most as many descriptors and mappings as its own files say; what all
    /// of them are compared with must stay few.
    /// </summary>
    public int MaxRecords { get; init; } = 2_000_000;

    /// <summary>All kinds of a dump's image files.</summary>
    public static IReadOnlyCollection<ImageKind> All => Kinds.Values;

    /// <summary>The kind of that name.</summary>
    public static ImageKind Get(string name) => Kinds[name];

    /// <summary>The name of this kind's file with a number, for kinds that have numbers.</summary>
    public string File(ulong number)
    {
        var digits = number.ToString(IsHexadecimal ? "x" : "d", CultureInfo.InvariantCulture);
        return Name + digits + (Layout == ImageLayout.Tar ? TarSuffix : Suffix);
    }

    /// <summary>The name of this kind's only file, for kinds without numbers.</summary>
    public string TheFile => Name + Suffix;

    /// <summary>The kind of a file and its number (0 if the kind has none); null if CRIU writes no file of that name.</summary>
    public static (ImageKind Kind, ulong Number)? Find(string file)
    {
        var suffix = file.EndsWith(TarSuffix, StringComparison.Ordinal) ? TarSuffix : Suffix;
        var stem = file.EndsWith(suffix, StringComparison.Ordinal) ? file[..^suffix.Length] : "";
        if (Kinds.TryGetValue(stem, out var only) && !stem.EndsWith('-'))
            return only.TheFile == file ? (only, 0) : null;
        var end = stem.LastIndexOf('-') + 1;
        if (!Kinds.TryGetValue(stem[..end], out var kind))
            return null;
        var style = kind.IsHexadecimal ? NumberStyles.AllowHexSpecifier : NumberStyles.None;
        if (!ulong.TryParse(stem.AsSpan(end), style, CultureInfo.InvariantCulture, out var number))
            return null;
        // The name must be what CRIU makes of the number: "core-01.img" would be a second file with the same number, which CRIU
        // never opens.
        return kind.Refused is not null || kind.File(number) == file ? (kind, number) : null;
    }

    private bool IsHexadecimal => Name is "ghost-file-" or "tcp-stream-";

    private static ImageKind No(string name, string why) => new(name, 0, null, ImageLayout.Many, why);
}
