using System.Net;
using System.Text;
using Stasis.Engine.Model;
using Stasis.Engine.Storage;
using Stasis.Linux.Files;

namespace Stasis.Engine.Containers.Files;

/// <summary>
/// Writes the files that are bound over those of the image: /etc/hosts, /etc/hostname, /etc/resolv.conf and /run/.containerenv.
/// </summary>
internal static class EtcFiles
{
    /// <summary>Files that are bound from <see cref="ContainerLayout.EtcFile"/>: path in the container, and name on the host.</summary>
    public static readonly IReadOnlyList<(string Destination, string Name)> Bound =
    [
        ("/etc/hosts", "hosts"), ("/etc/hostname", "hostname"), ("/etc/resolv.conf", "resolv.conf"),
        ("/run/.containerenv", ".containerenv"),
    ];

    /// <summary><see cref="Bound"/>, and a file that only containers of Podman have (--tz).</summary>
    public static readonly IReadOnlyList<(string Destination, string Name)> BoundOrPodmans =
        [.. Bound, ("/etc/localtime", LocaltimeFile.Name)];

    /// <summary>The paths in the container of <see cref="BoundOrPodmans"/>.</summary>
    public static readonly IReadOnlyCollection<string> Paths = [.. BoundOrPodmans.Select(file => file.Destination)];

    private const int Mode = 0x1A4; // 0644: every user of the container reads them

    /// <summary>
    /// Writes the files that the container's spec binds from <see cref="ContainerLayout.EtcFile"/>. Called at every start and
    /// restore.
    /// </summary>
    public static void Write(Container container, ContainerLayout paths)
    {
        PrivateDirectory.Create(paths.RunDirectory);
        var bound = (container.Spec.Mounts ?? []).Select(mount => mount.Source).ToHashSet();
        foreach (var (_, name) in BoundOrPodmans.Where(file => bound.Contains(paths.EtcFile(file.Name))))
        {
            var content = name == LocaltimeFile.Name ? LocaltimeFile.Read(container) : Encoding.UTF8.GetBytes(CreateText(name, container));
            AtomicFile.Write(paths.EtcFile(name), content, Mode, durable: false);
            EtcChanges.KeepWritten(paths, name, content);
        }
        if (bound.Contains(paths.EtcFile(IdentityFile.Source)))
            IdentityFile.Write(container, paths.EtcFile(IdentityFile.Source));
    }

    private static string CreateText(string name, Container container) => name switch
    {
        "hosts" => Hosts(ReadHost("/etc/hosts"), container),
        "hostname" => $"{container.Spec.Hostname}\n",
        "resolv.conf" => ResolvConf(ReadHost("/etc/resolv.conf"), container),
        _ => ContainerEnv(container),
    };

    /// <summary>
    /// Creates /etc/hosts: the host's entries, then localhost and the container's own names unless the host's entries have them
    /// (containers/common libnetwork/etchosts).
    /// </summary>
    internal static string Hosts(string host, Container container)
    {
        var text = new StringBuilder();
        var known = new HashSet<string>();
        foreach (var line in host.Split('\n'))
        {
            var fields = line.Split('#')[0].Split([' ', '\t', '\r'], StringSplitOptions.RemoveEmptyEntries);
            if (fields.Length < 2)
                continue;
            known.UnionWith(fields[1..]);
            text.Append(fields[0]).Append('\t').AppendJoin(' ', fields[1..]).Append('\n');
        }
        foreach (var entry in container.Config.HostsAdd ?? [])
        {
            var colon = entry.IndexOf(':', StringComparison.Ordinal);
            var address = entry[(colon + 1)..];
            Add(address == "host-gateway" ? Gateway(container) ?? "127.0.0.1" : address, entry[..colon].Split(';'));
        }
        Add("127.0.0.1", "localhost");
        Add("::1", "localhost");
        string[] own = [container.Spec.Hostname ?? container.Id[..12], container.Name];
        if (container.Config.NetworkMode == "none")
            Add("127.0.0.1", own);
        if (Gateway(container) is { } gateway)
            Add(gateway, "host.containers.internal", "host.docker.internal");
        foreach (var address in (container.State.Networks?.Values ?? []).SelectMany(network => network.Addresses))
            text.Append(address).Append('\t').AppendJoin(' ', own.Distinct()).Append('\n');
        return text.ToString();

        void Add(string address, params string[] names)
        {
            var free = names.Except(known).ToArray();
            if (free.Length > 0)
                text.Append(address).Append('\t').AppendJoin(' ', free).Append('\n');
        }
    }

    /// <summary>
    /// Creates /etc/resolv.conf: with the container's own name servers, else those of its networks, else the host's. The host's
    /// servers on the loopback are left out: a network namespace of its own doesn't reach them
    /// (libpod/container_internal_common.go: addResolvConf).
    /// </summary>
    internal static string ResolvConf(string host, Container container)
    {
        var config = container.Config;
        var networks = container.State.Networks?.Values ?? [];
        var fromNetworks = networks.SelectMany(network => network.DnsServers ?? []).Distinct().ToList();
        var servers = fromNetworks.Count > 0 ? fromNetworks : config.DnsServers ?? [];
        var search = config.DnsSearch ?? [.. networks.SelectMany(network => network.DnsSearch ?? [])];
        var lines = host.Split('\n').Where(line => line.Length > 0 && Keyword(line) switch
        {
            "nameserver" => servers.Count == 0 && (config.NetworkMode == "host" || !IsLoopbackServer(line)),
            "search" or "domain" => config.DnsSearch is null,
            "options" => config.DnsOptions is null,
            _ => true,
        }).ToList();
        if (search.Count > 0 && !search.SequenceEqual(["."]))
            lines.Insert(0, $"search {string.Join(' ', search)}");
        lines.AddRange(servers.Select(server => $"nameserver {server}"));
        if (config.DnsOptions is { Count: > 0 } options)
            lines.Add($"options {string.Join(' ', options)}");
        return string.Concat(lines.Select(line => line + "\n"));
    }

    // The file shows programs that they run in a container. Only privileged containers get details (podman
    // libpod/container_internal_common.go).
    private static string ContainerEnv(Container container) => !container.Config.Privileged ? "" : $"""
        engine="stasis"
        name="{container.Name}"
        id="{container.Id}"
        image="{container.Config.RootfsImageName}"
        imageid="{container.Config.RootfsImageId}"
        rootless=0

        """;

    private static bool IsLoopbackServer(string line) =>
        line.Split([' ', '\t', '\r'], StringSplitOptions.RemoveEmptyEntries) is ["nameserver", var address, ..]
        && IPAddress.TryParse(address, out var parsed) && IPAddress.IsLoopback(parsed);

    private static string? Keyword(string line) =>
        line.Split([' ', '\t', '\r'], StringSplitOptions.RemoveEmptyEntries).FirstOrDefault();

    private static string? Gateway(Container container) => (container.State.Networks?.Values ?? [])
        .SelectMany(network => network.Interfaces?.Values ?? [])
        .SelectMany(device => device.Subnets ?? [])
        .Select(subnet => subnet.Gateway)
        .FirstOrDefault(gateway => gateway is not null);

    private static string ReadHost(string path) => File.Exists(path) ? File.ReadAllText(path) : "";
}
