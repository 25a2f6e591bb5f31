using System.Text.Json;
using System.Text.Json.Serialization;
using Stasis.Cli.Output.Inspect;
using Stasis.Cli.Output.Reports;
using Stasis.Cli.Output.Tables;
using Stasis.Engine.Host;
using Stasis.Engine.Network;

namespace Stasis.Cli.Output;

/// <summary>JSON serialization of the types that commands print.</summary>
[JsonSourceGenerationOptions(
    WriteIndented = true,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    Converters = [typeof(TimeJson)])]
[JsonSerializable(typeof(string[]))]
[JsonSerializable(typeof(JsonElement))]
[JsonSerializable(typeof(CheckpointReport))]
[JsonSerializable(typeof(RestoreReport))]
[JsonSerializable(typeof(List<ContainerJsonRow>))]
[JsonSerializable(typeof(ContainerCells))]
[JsonSerializable(typeof(ContainerInspection))]
[JsonSerializable(typeof(List<ImageJsonRow>))]
[JsonSerializable(typeof(ImageCells))]
[JsonSerializable(typeof(ImageInspection))]
[JsonSerializable(typeof(List<ImageInspection.HistoryPart>))]
[JsonSerializable(typeof(List<VolumeInspection>))]
[JsonSerializable(typeof(VolumeCells))]
[JsonSerializable(typeof(List<NetworkConfig>))]
[JsonSerializable(typeof(NetworkCells))]
[JsonSerializable(typeof(Dictionary<string, NetworkMember>))]
[JsonSerializable(typeof(List<CheckpointInspection>))]
[JsonSerializable(typeof(CheckpointCells))]
[JsonSerializable(typeof(DiffReport))]
[JsonSerializable(typeof(VerifyReport))]
[JsonSerializable(typeof(List<PreflightRow>))]
[JsonSerializable(typeof(VersionReport))]
[JsonSerializable(typeof(HostReport))]
[JsonSerializable(typeof(InfoReport))]
internal sealed partial class CliJsonContext : JsonSerializerContext;
