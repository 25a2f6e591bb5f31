using System.Text.Json.Serialization;
using Stasis.Engine.Containers.Create;
using Stasis.Engine.Containers.Files;
using Stasis.Engine.Model;
using Stasis.Engine.Network;
using Stasis.Engine.RuntimeSpec;

namespace Stasis.Engine;

/// <summary>Source-generated JSON of the records that are stored, archived or handed to a runtime.</summary>
[JsonSourceGenerationOptions(
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    UseStringEnumConverter = true,
    MaxDepth = 64)]
[JsonSerializable(typeof(ContainerConfig))]
[JsonSerializable(typeof(ContainerState))]
[JsonSerializable(typeof(OciSpec))]
[JsonSerializable(typeof(OciProcess))]
[JsonSerializable(typeof(Oci.RuntimeLogEntry))]
[JsonSerializable(typeof(Oci.ConmonReport))]
[JsonSerializable(typeof(SeccompProfile))]
[JsonSerializable(typeof(OciDevice[]))]
[JsonSerializable(typeof(NetworkConfig))]
[JsonSerializable(typeof(NetavarkRequest))]
[JsonSerializable(typeof(NetavarkError))]
[JsonSerializable(typeof(IReadOnlyDictionary<string, NetworkStatus>))]
[JsonSerializable(typeof(Stasis.Engine.LazyPages.LazyPagesProgress))]
[JsonSerializable(typeof(Stasis.Engine.LazyPages.PageServerRequest))]
[JsonSerializable(typeof(IdentityFileContent))]
[JsonSerializable(typeof(Jail.JailPlan))]
[JsonSerializable(typeof(Jail.JailPrograms))]
[JsonSerializable(typeof(IReadOnlyList<Vetting.Findings.Finding>))]
[JsonSerializable(typeof(System.Text.Json.Nodes.JsonObject))]
[JsonSerializable(typeof(System.Text.Json.Nodes.JsonNode))]
[JsonSerializable(typeof(string[]))]
[JsonSerializable(typeof(Dictionary<string, string>))]
internal sealed partial class EngineJson : JsonSerializerContext;
