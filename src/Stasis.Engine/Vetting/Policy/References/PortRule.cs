using Stasis.Engine.Model;
using Stasis.Engine.Network;
using Stasis.Engine.Vetting.Findings;

namespace Stasis.Engine.Vetting.Policy.References;

/// <summary>
/// Finds ports of the host that the archive has published: whoever connects to them reaches the archive's program in place of one of the
/// host. Ports that the restore names itself (<c>--publish</c>), or leaves out, aren't the archive's.
/// </summary>
internal static class PortRule
{
    public static readonly RuleDescriptor Rule = new()
    {
        Id = "port",
        Finds = "ports of this host that are published, each as `[IP:]PORT[-LAST][/PROTOCOL]`; the protocol unless it is tcp. With "
            + "`--publish`, the restore publishes others instead",
        Allow = "`port:8080`, `port:127.0.0.1:53/udp`; nothing for what is no port",
    };

    // Every port of every protocol, once.
    private const int MaxPorts = 3 * 65536;
    private const string Field = "config.dump: newPortMappings";

    public static IEnumerable<Finding> Check(VettingSubject subject)
    {
        if (subject.Replaced.Ports || subject.Config.PortMappings is not { } ports)
            yield break;
        if (ports.Sum(port => (long)Math.Max((int)port.Range, 1) * (port.Protocol.Count(c => c == ',') + 1)) > MaxPorts)
        {
            yield return FindingFactory.Never(Rule, Field, $"{ports.Count} ranges", $"more than {MaxPorts} ports");
            yield break;
        }
        foreach (var (port, index) in ports.Select((port, index) => (port, index)))
        {
            var (where, text) = ($"{Field}[{index}]", NetworkValueValidator.Text(port));
            yield return NetworkValueValidator.WhyNotPort(port) is { } why
                ? FindingFactory.Never(Rule, where, text, why)
                : FindingFactory.Refused(Rule, where, text, Message(port), text);
        }
    }

    private static string Message(PortMapping port) =>
        $"{(port.Range > 1 ? "ports" : "a port")} of this host{(port.HostIp.Length == 0 ? ", on all of its addresses" : "")}";
}

internal static partial class ReferenceCheckList
{
    internal static readonly PolicyCheck Port = Add(new(305, PortRule.Check, PortRule.Rule));
}
