using System.Text.Json;
using System.Text.Json.Serialization;
using Stasis.Engine.Model;
using Stasis.Linux.Processes;

namespace Stasis.Cli.Output.Inspect;

/// <summary>The configuration of a container (Podman: InspectContainerConfig).</summary>
internal sealed record ConfigInspection
{
    public required string Hostname { get; init; }
    public string Domainname { get; init; } = "";
    public required string User { get; init; }
    public bool AttachStdin { get; init; }
    public bool AttachStdout { get; init; }
    public bool AttachStderr { get; init; }
    public bool Tty { get; init; }
    public bool OpenStdin { get; init; }
    public bool StdinOnce { get; init; }
    public required IReadOnlyList<string> Env { get; init; }
    public required IReadOnlyList<string> Cmd { get; init; }
    public required string Image { get; init; }
    public IReadOnlyDictionary<string, EmptyPart>? Volumes { get; init; }
    public required string WorkingDir { get; init; }
    public required IReadOnlyList<string> Entrypoint { get; init; }
    public required IReadOnlyDictionary<string, string> Labels { get; init; }
    public required IReadOnlyDictionary<string, string> Annotations { get; init; }
    public required string StopSignal { get; init; }
    public JsonElement? Healthcheck { get; init; }
    public IReadOnlyList<string>? CreateCommand { get; init; }
    public string? Timezone { get; init; }
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] public bool SystemdMode { get; init; }
    public required string Umask { get; init; }
    public long Timeout { get; init; }
    public uint StopTimeout { get; init; }
    public IReadOnlyDictionary<string, EmptyPart>? ExposedPorts { get; init; }

    public static ConfigInspection FromContainer(Container container)
    {
        var (config, spec) = (container.Config, container.Spec);
        var exposed = (config.ExposedPorts ?? new Dictionary<string, IReadOnlyList<string>>()).SelectMany(
            port => port.Value.Select(protocol => $"{port.Key}/{protocol}"))
            .Concat(HostPortInspection.FromMappings(config.PortMappings).Keys).ToList();
        return new ConfigInspection
        {
            Hostname = spec.Hostname ?? "",
            User = config.User ?? "",
            Tty = spec.Process?.Terminal ?? false,
            OpenStdin = config.Stdin ?? false,
            Env = spec.Process?.Env ?? [],
            Cmd = config.Command ?? [],
            Image = config.RootfsImageName ?? "",
            WorkingDir = spec.Process?.Cwd ?? "",
            Entrypoint = config.Entrypoint ?? [],
            Labels = config.Labels ?? new Dictionary<string, string>(),
            Annotations = spec.Annotations ?? new Dictionary<string, string>(),
            StopSignal = Signals.Name((int)(config.StopSignal ?? Signals.Term)),
            Healthcheck = PreservedFieldReader.Find(config.Unknown, "healthcheck"),
            CreateCommand = config.CreateCommand,
            Timezone = PreservedFieldReader.Text(config.Unknown, "timezone") is { Length: > 0 } zone ? zone : null,
            SystemdMode = PreservedFieldReader.Flag(config.Unknown, "systemd"),
            Umask = (config.Umask ?? "").PadLeft(4, '0'),
            Timeout = PreservedFieldReader.Number(config.Unknown, "timeout"),
            StopTimeout = config.StopTimeout ?? 10,
            ExposedPorts = exposed.Count > 0 ? EmptyPart.Set(exposed) : null,
        };
    }
}
