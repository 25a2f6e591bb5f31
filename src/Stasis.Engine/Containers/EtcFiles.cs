using System.Net;
using System.Text;
using Stasis.Engine.Storage;
using Stasis.Linux;

namespace Stasis.Engine.Containers;

/// <summary>The files that Stasis binds over the image's: /etc/hosts, /etc/hostname, /etc/resolv.conf and /run/.containerenv.</summary>
internal static class EtcFiles
{
    private const int Mode = 0x1A4; // 0644: every user of the container reads them

    /// <summary>Writes those that the container's spec binds from <see cref="ContainerLayout.EtcFile"/>: called at every start and restore.</summary>
    public static void Write(Container container, ContainerLayout paths)
    {
        Directory.CreateDirectory(paths.RunDirectory);
        var bound = (container.Spec.Mounts ?? []).Select(mount => mount.Source).ToHashSet();
        foreach (var (_, name) in CreateMounts.EtcFiles.Where(file => bound.Contains(paths.EtcFile(file.Name))))
            AtomicFile.Write(paths.EtcFile(name), Encoding.UTF8.GetBytes(Content(name, container)), Mode, durable: false);
    }

    private static string Content(string name, Container container) => name switch
    {
        "hosts" => Hosts(ReadHost("/etc/hosts"), container),
        "hostname" => $"{container.Spec.Hostname}\n",
        "resolv.conf" => ResolvConf(ReadHost("/etc/resolv.conf"), container.Config.NetworkMode == "host"),
        _ => ContainerEnv(container),
    };

    /// <summary>The host's entries, then localhost and the container's own names as far as they aren't among them (containers/common libnetwork/etchosts).</summary>
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
        Add("127.0.0.1", "localhost");
        Add("::1", "localhost");
        if (container.Config.NetworkMode == "none")
            Add("127.0.0.1", container.Spec.Hostname ?? container.Id[..12], container.Name);
        return text.ToString();

        void Add(string address, params string[] names)
        {
            var free = names.Except(known).ToArray();
            if (free.Length > 0)
                text.Append(address).Append('\t').AppendJoin(' ', free).Append('\n');
        }
    }

    /// <summary>The host's, without name servers on the loopback, which a network namespace of its own doesn't reach.</summary>
    internal static string ResolvConf(string host, bool hostNetwork) =>
        string.Join('\n', host.Split('\n').Where(line => hostNetwork || !IsLoopbackServer(line)));

    // Its presence tells programs that they are in a container; only a privileged one learns which (podman libpod/container_internal_common.go).
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

    private static string ReadHost(string path) => File.Exists(path) ? File.ReadAllText(path) : "";
}
