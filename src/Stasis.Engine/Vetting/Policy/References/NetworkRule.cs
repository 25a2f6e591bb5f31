using Stasis.Engine.Network;

namespace Stasis.Engine.Vetting.Policy.References;

/// <summary>
/// Networks of this host that it names, other than the default one: whoever is on them can be reached from it. Addresses and published ports are plain.
/// Options of the restore that say where it shall be take the rule's place.
/// </summary>
internal static class NetworkRule
{
    public static IEnumerable<Finding> Check(VettingSubject subject)
    {
        var (config, options) = (subject.Config, subject.Options);
        if (options.Network.Networks.Count > 0)
            yield break;
        if (config.NetworkMode is not (null or "" or "none" or "host" or "bridge" or "private"))
            yield return FindingFactory.Never("network", "config.dump: networkMode", config.NetworkMode, "a network that Stasis can't join; say where it shall be, e.g. --network podman");
        if (!config.CreateNetNs)
            yield break;
        var named = (config.OrderedNetworks ?? []).Select(network => network.Name).Concat(config.Networks?.Keys ?? []).Distinct();
        foreach (var name in named.Where(name => name != NetworkStore.Default.Name))
            yield return FindingFactory.Refused("network", "config.dump: newNetworks", name, $"it joins the network {name} of this host", name);
    }
}
