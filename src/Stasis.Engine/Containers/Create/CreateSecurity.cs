using System.IO.Enumeration;
using Stasis.Engine.Errors;

namespace Stasis.Engine.Containers.Create;

/// <summary>
/// Security settings of a new container: the user's security options, and the paths of /proc and /sys that are masked or
/// read-only by default (containers/common pkg/config).
/// </summary>
internal sealed record CreateSecurity
{
    private static readonly string[] DefaultMasked =
    [
        "/proc/acpi", "/proc/interrupts", "/proc/kcore", "/proc/keys", "/proc/latency_stats", "/proc/sched_debug", "/proc/scsi",
        "/proc/timer_list", "/proc/timer_stats", "/sys/devices/virtual/powercap", "/sys/firmware", "/sys/fs/selinux",
    ];

    private static readonly string[] DefaultReadonly =
        ["/proc/asound", "/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger"];

    /// <summary>"unconfined", a profile's path, or null for the default profile.</summary>
    public string? Seccomp { get; private init; }

    /// <summary>PR_SET_NO_NEW_PRIVS.</summary>
    public bool? NoNewPrivileges { get; private init; }

    /// <summary>Paths hidden from the container.</summary>
    public IReadOnlyList<string> Masked { get; private init; } = [];

    /// <summary>Paths that are read-only in the container.</summary>
    public IReadOnlyList<string> Readonly { get; private init; } = [];

    /// <summary>Whether /sys/fs/cgroup is writable.</summary>
    public bool CgroupsWritable { get; private init; }

    /// <summary>Parses the security options.</summary>
    /// <exception cref="StasisException">An option is unknown.</exception>
    public static CreateSecurity Build(CreateOptions options)
    {
        string? seccomp = options.Privileged ? "unconfined" : null;
        bool? noNewPrivileges = null;
        var (mask, unmask) = (new List<string>(), new List<string>());
        foreach (var option in options.SecurityOptions)
        {
            // Older versions of Docker wrote ':' for '='.
            var at = option.IndexOfAny(['=', ':']);
            var (key, value) = at < 0 ? (option, "") : (option[..at], option[(at + 1)..]);
            switch (key)
            {
                case "no-new-privileges":
                    noNewPrivileges = value is "" || (bool.TryParse(value, out var wanted) ? wanted : throw Bad(option));
                    break;
                case "seccomp" when value.Length > 0:
                    seccomp = value;
                    break;
                case "mask" when value.Length > 0:
                    mask.AddRange(value.Split(':'));
                    break;
                case "unmask" when value.Length > 0:
                    unmask.AddRange(value.Split(':'));
                    break;
                case "label" when value is "disable":
                case "apparmor" when value is "unconfined":
                    break; // no container has a label or a profile
                default:
                    throw Bad(option);
            }
        }
        if (mask.Find(path => !path.StartsWith('/')) is { } relative)
            throw new StasisException($"--security-opt mask: path \"{relative}\" is not an absolute path");
        return new CreateSecurity
        {
            Seccomp = seccomp,
            NoNewPrivileges = noNewPrivileges,
            Masked = [.. options.Privileged ? [] : DefaultMasked.Where(Stays), .. mask],
            Readonly = [.. options.Privileged ? [] : DefaultReadonly.Where(Stays)],
            CgroupsWritable = options.Privileged || !Stays("/sys/fs/cgroup"),
        };

        bool Stays(string path) => !unmask.Any(pattern =>
            pattern.Equals("all", StringComparison.OrdinalIgnoreCase)
            || FileSystemName.MatchesSimpleExpression(pattern, path, ignoreCase: false));
    }

    private static StasisException Bad(string option) => new($"invalid --security-opt: \"{option}\"")
    {
        Remedy = "known are seccomp=unconfined|PATH, no-new-privileges[=true|false], mask=PATH[:PATH], unmask=ALL|PATH[:PATH]",
    };
}
