using Stasis.Engine.Network;
using Stasis.Engine.Vetting.Findings;

namespace Stasis.Engine.Vetting.Policy.References;

/// <summary>
/// Finds networks of this host, other than the default one, that the archive names: the container could reach
/// everything on them. Addresses and published ports are plain. A restore with <c>--network</c> doesn't use
/// the archive's networks, so that there is nothing to find.
/// </summary>
internal static class NetworkRule
{
    public static readonly RuleDescriptor Rule = new()
    {
        Id = "network",
        Finds = "a network of this host by name, except the default one. With `--network`, the restore uses another "
            + "one instead",
        Allow = "`network:backend`; nothing for other modes",
    };

    public static IEnumerable<Finding> Check(VettingSubject subject)
    {
        var config = subject.Config;
        if (subject.Replaced.Networks)
            yield break;
        if (config.NetworkMode is not (null or "" or "none" or "host" or "bridge" or "private"))
            yield return FindingFactory.Never(
                Rule,
                "config.dump: networkMode",
                config.NetworkMode,
                "a network that Stasis can't join; say where it shall be, e.g. --network podman");
        if (!config.CreateNetNs)
            yield break;
        var named = (config.OrderedNetworks ?? []).Select(network => network.Name).Concat(config.Networks?.Keys ?? []).Distinct();
        foreach (var name in named.Where(name => name != NetworkStore.Default.Name))
            yield return FindingFactory.Refused(Rule, "config.dump: newNetworks", name, $"it joins the network {name} of this host", name);
    }
}

internal static partial class ReferenceCheckList
{
    internal static readonly PolicyCheck Network = Add(new(270, NetworkRule.Check, NetworkRule.Rule));
}
