using System.Text.Json.Serialization;

namespace Stasis.Engine.Model;

/// <summary>An attachment with its network's name: Podman 6 lists them in order so (libpod: orderedNetworks).</summary>
public sealed record NamedNetworkAttachment
{
    /// <summary>The network.</summary>
    [JsonPropertyName("name")] public required string Name { get; init; }
    /// <summary>As <see cref="NetworkAttachment.StaticIps"/>.</summary>
    [JsonPropertyName("static_ips")] public IReadOnlyList<string>? StaticIps { get; init; }
    /// <summary>As <see cref="NetworkAttachment.Aliases"/>.</summary>
    [JsonPropertyName("aliases")] public IReadOnlyList<string>? Aliases { get; init; }
    /// <summary>As <see cref="NetworkAttachment.StaticMac"/>.</summary>
    [JsonPropertyName("static_mac")] public string? StaticMac { get; init; }
    /// <summary>As <see cref="NetworkAttachment.InterfaceName"/>.</summary>
    [JsonPropertyName("interface_name")] public string InterfaceName { get; init => field = value ?? ""; } = "";
    /// <summary>As <see cref="NetworkAttachment.Options"/>.</summary>
    [JsonPropertyName("options")] public IReadOnlyDictionary<string, string>? Options { get; init; }

    internal NetworkAttachment Attachment =>
        new() { StaticIps = StaticIps, Aliases = Aliases, StaticMac = StaticMac, InterfaceName = InterfaceName, Options = Options };
}
