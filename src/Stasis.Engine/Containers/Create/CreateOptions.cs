namespace Stasis.Engine.Containers.Create;

/// <summary>Options for creating a container. Null means the image's or Stasis's default.</summary>
public sealed record CreateOptions
{
    /// <summary>Bytes of /dev/shm if nothing else is said: Podman's 64,000 KiB.</summary>
    internal const long DefaultShmSize = 65_536_000;

    /// <summary>Capabilities of a container unless the options say otherwise (containers.conf: default_capabilities).</summary>
    public static IReadOnlyList<string> DefaultCapabilities { get; } =
    [
        "CAP_CHOWN", "CAP_DAC_OVERRIDE", "CAP_FOWNER", "CAP_FSETID", "CAP_KILL", "CAP_NET_BIND_SERVICE", "CAP_SETFCAP", "CAP_SETGID",
        "CAP_SETPCAP", "CAP_SETUID", "CAP_SYS_CHROOT",
    ];

    /// <summary>The image's name or ID; pulled if missing.</summary>
    public required string Image { get; init; }
    /// <summary>Name; generated if null.</summary>
    public string? Name { get; init; }
    /// <summary>
    /// The caller starts the container at once. The start brings the container to the disk; creating it then need not, which saves a sync.
    /// </summary>
    public bool StartsNext { get; init; }
    /// <summary>Command, appended to the entrypoint.</summary>
    public IReadOnlyList<string> Command { get; init; } = [];
    /// <summary>Entrypoint in place of the image's; empty for none.</summary>
    public IReadOnlyList<string>? Entrypoint { get; init; }
    /// <summary>KEY=VALUE; a bare KEY takes the caller's value.</summary>
    public IReadOnlyList<string> Env { get; init; } = [];
    /// <summary>Files of KEY=VALUE lines.</summary>
    public IReadOnlyList<string> EnvFiles { get; init; } = [];
    /// <summary>host:container[:options] or volume-name:container[:options].</summary>
    public IReadOnlyList<string> Volumes { get; init; } = [];
    /// <summary>destination[:options].</summary>
    public IReadOnlyList<string> Tmpfs { get; init; } = [];
    /// <summary>Working directory.</summary>
    public string? WorkingDirectory { get; init; }
    /// <summary>user[:group], names or numbers.</summary>
    public string? User { get; init; }
    /// <summary>Hostname; the first 12 digits of the ID by default.</summary>
    public string? Hostname { get; init; }
    /// <summary>
    /// "none", "host", "bridge", or networks: NAME[:ip=…,mac=…,alias=…,interface_name=…]. The default network if empty.
    /// </summary>
    public IReadOnlyList<string> Networks { get; init; } = [];
    /// <summary>IPv4 address; only with a single network.</summary>
    public string? Ip { get; init; }
    /// <summary>IPv6 address; only with a single network.</summary>
    public string? Ip6 { get; init; }
    /// <summary>MAC address; only with a single network.</summary>
    public string? MacAddress { get; init; }
    /// <summary>Further DNS names on all of its networks.</summary>
    public IReadOnlyList<string> NetworkAliases { get; init; } = [];
    /// <summary>Published ports: [[IP:][HOSTPORT]:]PORT[/PROTOCOL], also ranges.</summary>
    public IReadOnlyList<string> Publish { get; init; } = [];
    /// <summary>Publish all exposed ports (the image's and <see cref="Expose"/>) on free ports of the host.</summary>
    public bool PublishAll { get; init; }
    /// <summary>Exposed ports: PORT[/PROTOCOL], also ranges.</summary>
    public IReadOnlyList<string> Expose { get; init; } = [];
    /// <summary>Name servers in place of the host's.</summary>
    public IReadOnlyList<string> Dns { get; init; } = [];
    /// <summary>Domains to search in place of the host's.</summary>
    public IReadOnlyList<string> DnsSearch { get; init; } = [];
    /// <summary>Options of resolv.conf.</summary>
    public IReadOnlyList<string> DnsOptions { get; init; } = [];
    /// <summary>Lines of /etc/hosts: NAME[;NAME…]:ADDRESS; "host-gateway" is the host.</summary>
    public IReadOnlyList<string> AddHosts { get; init; } = [];
    /// <summary>Root file system read-only.</summary>
    public bool ReadOnly { get; init; }
    /// <summary>Size of /dev/shm, in bytes. Podman's default is 65536000 (64 MB as it writes it).</summary>
    public long ShmSize { get; init; } = DefaultShmSize;
    /// <summary>Run without confinement: all capabilities and devices, no seccomp filter.</summary>
    public bool Privileged { get; init; }
    /// <summary>Capabilities to add to the default set, with or without CAP_; "all".</summary>
    public IReadOnlyList<string> CapAdd { get; init; } = [];
    /// <summary>Capabilities to remove from the default set, with or without CAP_; "all".</summary>
    public IReadOnlyList<string> CapDrop { get; init; } = [];
    /// <summary>seccomp=unconfined|PATH, no-new-privileges[:true|false], mask=…, unmask=….</summary>
    public IReadOnlyList<string> SecurityOptions { get; init; } = [];
    /// <summary>Memory limit, in bytes.</summary>
    public long? Memory { get; init; }
    /// <summary>Limit of processor time, in processors.</summary>
    public double? Cpus { get; init; }
    /// <summary>Number of tasks; 0 or -1 for no limit. Podman's default is 2048.</summary>
    public long? PidsLimit { get; init; }
    /// <summary>Labels.</summary>
    public IReadOnlyDictionary<string, string> Labels { get; init; } = new Dictionary<string, string>();
    /// <summary>Annotations.</summary>
    public IReadOnlyDictionary<string, string> Annotations { get; init; } = new Dictionary<string, string>();
    /// <summary>Signal that asks the first process to stop, name or number.</summary>
    public string? StopSignal { get; init; }
    /// <summary>Seconds between the stop signal and SIGKILL. Podman's default is 10.</summary>
    public uint StopTimeout { get; init; } = 10;
    /// <summary>Run an init process that reaps children (catatonit).</summary>
    public bool Init { get; init; }
    /// <summary>Standard input stays open.</summary>
    public bool Interactive { get; init; }
    /// <summary>Give the first process a terminal.</summary>
    public bool Tty { get; init; }
    /// <summary>Remove the container when it ends.</summary>
    public bool AutoRemove { get; init; }
    /// <summary>The OCI runtime in place of the engine's.</summary>
    public string? Runtime { get; init; }
    /// <summary>The command line, kept for <c>inspect</c>.</summary>
    public IReadOnlyList<string> CreateCommand { get; init; } = [];
}
