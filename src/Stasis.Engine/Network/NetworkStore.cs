using System.Text.Json;
using Stasis.Engine.Errors;
using Stasis.Engine.Storage;
using Stasis.Linux.Files;

namespace Stasis.Engine.Network;

/// <summary>The networks that were made, a file each with Podman's JSON, and the default one, which is always there.</summary>
internal sealed class NetworkStore(Layout layout)
{
    /// <summary>
    /// Podman's default network, by name, ID, bridge and subnet (containers/common: defaultNetworkName,
    /// defaultNetworkSubnet), so that an archive's addresses mean the same in both, and containers of both can share
    /// the bridge. Addresses are given out of its upper half, as Podman gives them from the bottom and neither knows of
    /// the other's.
    /// </summary>
    public static NetworkConfig Default { get; } = new()
    {
        Name = "podman",
        Id = "2f259bab93aaaaa2542ba43ef33eb990d0999ee1b9924b557b7be53c0b7a1bb9",
        Driver = "bridge",
        Interface = "podman0",
        Created = DateTimeOffset.UnixEpoch,
        Subnets =
        [
            new NetworkSubnet
            {
                Subnet = "10.88.0.0/16",
                Gateway = "10.88.0.1",
                LeaseRange = new LeaseRange { Start = "10.88.128.1", End = "10.88.255.254" },
            },
        ],
        IpamOptions = new Dictionary<string, string> { ["driver"] = "host-local" },
    };

    public IReadOnlyList<NetworkConfig> List() =>
        [.. Made().Append(Default).DistinctBy(network => network.Name).OrderBy(network => network.Name, StringComparer.Ordinal)];

    /// <summary>By name, ID or the beginning of an ID that fits no other; "bridge" and "default" are the default network's.</summary>
    public NetworkConfig? Find(string nameOrId)
    {
        if (nameOrId is "bridge" or "default" or "podman")
            return Default;
        if (IsName(nameOrId) && Read(layout.Network(nameOrId)) is { } named)
            return named;
        if (nameOrId.Length == 0)
            return null;
        return List().Where(network => network.Id.StartsWith(nameOrId, StringComparison.Ordinal)).ToArray() is [var only] ? only : null;
    }

    /// <exception cref="NotFoundException">There is none.</exception>
    public NetworkConfig Get(string nameOrId) => Find(nameOrId)
        ?? throw new NotFoundException($"network {nameOrId}: network not found")
        {
            Remedy = Remedy.Create(
                $"{new RemedyCall(RemedyCallKind.ListNetworks)} lists them; {new RemedyCall(RemedyCallKind.CreateNetwork)} makes one"),
        };

    public void Save(NetworkConfig network)
    {
        PrivateDirectory.Create(layout.Networks, durable: true);
        AtomicFile.Write(layout.Network(network.Name), JsonSerializer.SerializeToUtf8Bytes(network, EngineJson.Default.NetworkConfig));
    }

    public void Delete(NetworkConfig network)
    {
        File.Delete(layout.Network(network.Name));
        FileSync.SyncDirectory(layout.Networks);
    }

    /// <summary>Podman's rule for names.</summary>
    public static bool IsName(string name) =>
        name.Length > 0 && char.IsAsciiLetterOrDigit(name[0]) && name.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '.' or '-');

    private IEnumerable<NetworkConfig> Made() => Directory.Exists(layout.Networks)
        ? Directory.EnumerateFiles(layout.Networks, "*.json").Select(Read).OfType<NetworkConfig>()
        : [];

    private static NetworkConfig? Read(string path)
    {
        try
        {
            return JsonSerializer.Deserialize(File.ReadAllBytes(path), EngineJson.Default.NetworkConfig);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
        catch (JsonException e)
        {
            throw new StasisException($"{path} can't be read: {e.Message}", e) { Remedy = "mend or remove the file" };
        }
    }
}
