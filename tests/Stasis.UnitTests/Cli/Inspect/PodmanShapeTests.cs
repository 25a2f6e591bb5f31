using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Stasis.Cli.Output;
using Xunit;

namespace Stasis.UnitTests.Cli.Inspect;

/// <summary>
/// Every field that <c>inspect</c> prints is one of Podman's, with a value of the same JSON type; those of Podman's that it lacks, and the
/// few that it adds, are listed here.
/// </summary>
public class PodmanShapeTests
{
    // Made of Podman's source by make.py.
    private static readonly Dictionary<string, string> Podman =
        File.ReadLines(Path.Combine(AppContext.BaseDirectory, "Cli", "Inspect", "Golden", "podman.txt"))
        .Select(line => line.Split(' ')).ToDictionary(field => field[0], field => field[1]);

    private static readonly string[] Lacking =
    [
        // Stasis has no pods, no Kubernetes, no secrets, no locks with numbers, no artifacts of systemd.
        "container.KubeExitCodePropagation", "container.lockNumber", "container.UseImageHosts", "container.UseImageHostname",
        "container.Config.Secrets",
        "container.Config.Passwd", "container.Config.ChrootDirs", "container.Config.sdNotifyMode",
        "container.Config.sdNotifySocket", "volume.LockNumber",
        "container.HostConfig.AutoRemoveImage", "container.HostConfig.IDMappings", "container.Mounts[].SubPath",
        // It runs no health checks; the one that was asked for is carried, and printed, as it is.
        "container.State.Health.Log", "container.State.StoppedByUser", "container.Config.StartupHealthCheck",
        "container.Config.Healthcheck.", "container.Config.HealthcheckOnFailureAction",
        "container.Config.HealthLogDestination", "container.Config.HealthcheckMaxLogCount",
        "container.Config.HealthcheckMaxLogSize", "image.Healthcheck",
        // Options that it doesn't have, and Windows'.
        "container.Config.OnBuild", "container.HostConfig.BlkioWeight", "container.HostConfig.BlkioWeightDevice",
        "container.HostConfig.BlkioDevice", "container.HostConfig.Devices",
        "container.HostConfig.DiskQuota", "container.HostConfig.KernelMemory", "container.HostConfig.CpuCount",
        "container.HostConfig.CpuPercent", "container.HostConfig.IOMaximum",
        "container.HostConfig.CgroupConf", "container.HostConfig.IntelRdtClosID",
        // What an image of Docker's old manifests has, and images' kinds.
        "image.ManifestType", "image.Config.ArgsEscaped",
        // Volumes are folders of the local driver.
        "volume.Status", "volume.UID", "volume.GID", "volume.NeedsCopyUp", "volume.NeedsChown", "volume.Timeout", "volume.StorageID",
    ];

    // Stasis's own, which are there only when it has something to tell.
    private static readonly string[] Added = ["container.State.LazyPages"];

    private static readonly Dictionary<string, string> Ours = new(
        Walk("container", CliJsonContext.Default.ContainerInspection).Concat(
            Walk("image", CliJsonContext.Default.ImageInspection)).Concat(Walk("volume", CliJsonContext.Default.VolumeInspection)));

    public static TheoryData<string, string> Fields =>
    [
        .. Ours.Where(one => !Added.Any(prefix => one.Key.StartsWith(prefix, StringComparison.Ordinal))).Select(one => (one.Key, one.Value))
    ];

    [Theory]
    [MemberData(nameof(Fields))]
    public void Field_is_one_of_Podmans(string path, string type) => Assert.Equal(Podman.GetValueOrDefault(path), type);

    [Fact]
    public void Missing_fields_are_listed()
    {
        Assert.DoesNotContain(
            Podman.Keys,
            path => !Ours.ContainsKey(path) && !Lacking.Any(prefix => path.StartsWith(prefix, StringComparison.Ordinal)));
        Assert.DoesNotContain(
            Lacking,
            prefix => !Podman.Keys.Any(path => path.StartsWith(prefix, StringComparison.Ordinal) && !Ours.ContainsKey(path)));
    }

    private static IEnumerable<KeyValuePair<string, string>> Walk(string path, JsonTypeInfo type) =>
        type.Properties.SelectMany(property => Of($"{path}.{property.Name}", property.PropertyType, type));

    private static IEnumerable<KeyValuePair<string, string>> Of(string path, Type type, JsonTypeInfo parent)
    {
        var known = parent.Options.GetTypeInfo(Nullable.GetUnderlyingType(type) ?? type);
        var (kind, suffix) = known.Kind switch
        {
            JsonTypeInfoKind.Enumerable => ("array", "[]"),
            JsonTypeInfoKind.Dictionary => ("object", "{}"),
            JsonTypeInfoKind.Object => ("object", ""),
            _ when known.Type == typeof(JsonElement) => ("object", ""),
            _ when known.Type == typeof(string) || known.Type == typeof(DateTimeOffset) => ("string", ""),
            _ when known.Type == typeof(bool) => ("boolean", ""),
            _ => ("number", ""),
        };
        yield return new(path, kind);
        var inner = known.Kind == JsonTypeInfoKind.Object
            ? Walk(path, known)
            : known.ElementType is { } element ? Of(path + suffix, element, known).Skip(1) : [];
        foreach (var field in inner)
            yield return field;
    }
}
