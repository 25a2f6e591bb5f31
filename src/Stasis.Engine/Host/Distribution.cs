namespace Stasis.Engine.Host;

/// <summary>The distribution, for what its packages are called and how they are installed (os-release(5)).</summary>
/// <param name="Name">Its name for people.</param>
/// <param name="Install">The command that installs packages, or null where it isn't known.</param>
/// <param name="IsDebian">Debian, or made of it.</param>
internal sealed record Distribution(string Name, string? Install, bool IsDebian)
{
    private static readonly (string Id, string Install)[] Installers =
    [
        ("debian", "apt-get install"),
        ("fedora", "dnf install"),
        ("rhel", "dnf install"),
        ("suse", "zypper install"),
        ("arch", "pacman -S"),
        ("alpine", "apk add"),
    ];

    /// <summary>Its name for programs, e.g. "debian".</summary>
    public string Id { get; private init; } = "unknown";

    /// <summary>Its version, e.g. "13"; "unknown" where it has none.</summary>
    public string Version { get; private init; } = "unknown";

    public static Distribution Read(string file = "/etc/os-release")
    {
        var fields = File.Exists(file)
            ? File.ReadLines(file).Select(line => line.Split('=', 2)).Where(pair => pair.Length == 2)
                .ToDictionary(pair => pair[0], pair => pair[1].Trim('"', '\''))
            : [];
        var families = $"{fields.GetValueOrDefault("ID")} {fields.GetValueOrDefault("ID_LIKE")}".Split(' ');
        var known = Array.Find(Installers, installer => families.Contains(installer.Id));
        return new Distribution(fields.GetValueOrDefault("PRETTY_NAME") ?? "unknown", known.Install, known.Id == "debian")
        {
            Id = fields.GetValueOrDefault("ID") ?? "unknown",
            Version = fields.GetValueOrDefault("VERSION_ID") ?? "unknown",
        };
    }

    /// <summary>How to install a package; <paramref name="debianName"/> is what Debian calls it.</summary>
    public string HowToInstall(string name, string debianName) =>
        Install is null ? $"install {name} (in Debian the package {debianName})" : $"{Install} {(IsDebian ? debianName : name)}";
}
