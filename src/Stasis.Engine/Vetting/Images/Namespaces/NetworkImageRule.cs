using System.Buffers.Binary;
using System.Text;
using System.Text.RegularExpressions;
using Stasis.Engine.Criu.Images;
using Stasis.Engine.Vetting.Findings;

namespace Stasis.Engine.Vetting.Images.Namespaces;

/// <summary>
/// Checks the network namespace: one that is handed to CRIU under a key, or, if the spec doesn't name one,
/// one with nothing but the loopback. CRIU passes the saved state of the latter to ip(8) and to the firewall,
/// as root. So it may contain addresses, routes and rules alone, and no firewall but CRIU's own network lock.
/// </summary>
internal static partial class NetworkImageRule
{
    public static readonly RuleDescriptor Rule = new()
    {
        Id = "image-network",
        Finds = "a network namespace that CRIU would create or set up although the spec names one; network devices, "
            + "routes or firewalls in a namespace that CRIU creates, except the loopback and CRIU's own lock",
        Allow = "`image-firewall:nftables-9.img` for a firewall; nothing for the rest",
        AllowName = "image-firewall",
    };

    private const string RuntimeKey = "extRootNetNS"; // runc's and crun's
    private const int Longest = 1 << 20;

    // ip(8) (iproute2 ip/ipaddress.c, iproute.c, iprule.c): the magic number of its dumps, and the kernel's
    // message type in them (linux/rtnetlink.h).
    private static readonly Dictionary<string, (uint Magic, ushort Message)> Dumps = new()
    {
        ["ifaddr-"] = (0x47361222, 20),
        ["route-"] = (0x45311224, 24),
        ["route6-"] = (0x45311224, 24),
        ["rule-"] = (0x71706986, 32),
    };

    public static void Check(ImageVerification verification, ImageRecord first)
    {
        var id = first.Number("net_ns_id");
        var file = ImageKind.Get("netns-").File(id);
        var external = false;
        if (verification.Images.One(file) is { } space)
        {
            external = space.Has("ext_key");
            if (external && space.Text("ext_key") is not RuntimeKey and { } key)
                verification.Refuse(
                    Rule,
                    $"{verification.Images.Where(file)}: ext_key",
                    key,
                    "a key that no runtime hands a network namespace over with");
        }
        if (verification.Allowed.Namespace("network") is { Path.Length: > 0 } && !external)
            verification.Refuse(
                Rule,
                verification.Images.Where(file),
                "",
                "the spec names the network namespace, and CRIU would make one instead");
        foreach (var name in (string[])["netdev-", .. Dumps.Keys, "iptables-", "ip6tables-", "nftables-"])
        {
            file = ImageKind.Get(name).File(id);
            if (!verification.Images.Has(file))
                continue;
            if (external)
                verification.Refuse(
                    Rule,
                    verification.Images.Where(file),
                    file,
                    "CRIU would set up a network namespace that is not its own");
            else if (name == "netdev-")
                CheckDevices(verification, file);
            else if (Dumps.TryGetValue(name, out var dump))
                CheckDump(verification, file, dump);
            else
                CheckFirewall(verification, file);
        }
    }

    private static void CheckDevices(ImageVerification verification, string file)
    {
        foreach (var device in verification.Images.Read(file))
        {
            if (device.Number("type") != 1 || device.Text("name") != "lo")
                verification.Refuse(
                    Rule,
                    verification.Images.Where(file),
                    device.Text("name"),
                    "CRIU would make a network device, and a namespace of the container's own has its loopback alone");
        }
    }

    private static void CheckDump(ImageVerification verification, string file, (uint Magic, ushort Message) dump)
    {
        if (Content(verification, file) is not { Length: > 0 } content)
            return;
        var where = verification.Images.Where(file);
        if (content.Length < 4 || BinaryPrimitives.ReadUInt32LittleEndian(content) != dump.Magic)
        {
            verification.Refuse(Rule, where, file, "not what ip(8) saved");
            return;
        }
        for (var at = 4; at < content.Length;)
        {
            var left = content.AsSpan(at);
            var length = left.Length < 16 ? 0 : BinaryPrimitives.ReadUInt32LittleEndian(left);
            if (length < 16 || length > left.Length || BinaryPrimitives.ReadUInt16LittleEndian(left[4..]) != dump.Message)
            {
                verification.Refuse(Rule, where, $"offset {at}", "a message to the kernel of another kind than this image has, or cut off");
                return;
            }
            at += (int)((length + 3) & ~3u);
        }
    }

    private static void CheckFirewall(ImageVerification verification, string file)
    {
        if (Content(verification, file) is not { Length: > 0 } content)
            return;
        var lines = Encoding.Latin1.GetString(content).Split('\n');
        var isNft = file.StartsWith("nft", StringComparison.Ordinal);
        if (Array.Find(lines, line => !(isNft ? NetworkLockNftables() : NetworkLockIptables()).IsMatch(line)) is { } other)
            verification.Refuse(
                Rule,
                verification.Images.Where(file),
                other.Trim(),
                "CRIU would set up a firewall with rules from the archive",
                file);
    }

    private static byte[]? Content(ImageVerification verification, string file)
    {
        var content = verification.Images.Content(file, Longest);
        if (content is null)
            verification.Refuse(Rule, verification.Images.Where(file), file, "so much no container's network has");
        return content;
    }

    // CRIU's own network lock, as nft lists it (criu/netfilter.c).
    [GeneratedRegex(
        """^\s*(|\}|table (ip|ip6|inet) (filter|CRIU(-[0-9a-f-]+)?) \{|chain (CRIU|INPUT|OUTPUT|input|output) \{|"""
            + """type filter hook (input|output) priority [a-z0-9 +-]+; policy (accept|drop);|"""
            + """(meta mark 0x[0-9a-f]+ )?(counter packets \d+ bytes \d+ )?(accept|drop|jump CRIU))$""",
        RegexOptions.CultureInvariant)]
    private static partial Regex NetworkLockNftables();

    // Tables without rules, and CRIU's own network lock, as iptables-save prints them.
    [GeneratedRegex(
        """^(|#[^\n]*|\*(filter|nat|mangle|raw|security)|COMMIT|"""
            + """:(CRIU|INPUT|OUTPUT|FORWARD|PREROUTING|POSTROUTING) (ACCEPT|-) \[\d+:\d+\]|"""
            + """-A (INPUT|OUTPUT) -j CRIU|-A CRIU (-m mark --mark 0x[0-9a-f]+ -j ACCEPT|-j DROP))$""",
        RegexOptions.CultureInvariant)]
    private static partial Regex NetworkLockIptables();
}

internal static partial class NamespaceImageCheckList
{
    internal static readonly ImageCheck Network = Add(new(51, null, NetworkImageRule.Rule));
}
