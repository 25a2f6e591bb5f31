using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using Stasis.Engine.Common;
using Stasis.Engine.Model;
using Stasis.Engine.Storage;
using Stasis.Linux.Files;

namespace Stasis.Engine.Containers.Files;

/// <summary>
/// A container's identity file: in a folder of the host that is bound into it, read-only, and so external to CRIU: each copy has its own there from its first instruction on. What it says is in
/// the spec's annotations, and thereby in archives.
/// </summary>
internal static class ContainerIdentity
{
    /// <summary>Where it is in the container.</summary>
    public const string Folder = "/run/.stasis";

    /// <summary>What it is bound from, in <see cref="ContainerLayout.EtcFile"/>.</summary>
    public const string Source = "identity";

    private const string FileName = "identity.json";
    private const string Generation = "io.stasis.generation";
    private const string Copy = "io.stasis.copy";
    private const string Env = "io.stasis.env.";
    private const int Mode = 0x1A4; // 0644: every user of the container reads it

    /// <summary>The container as it is after one more restore.</summary>
    public static Container WithNextGeneration(Container container, int? copy, IReadOnlyDictionary<string, string> env)
    {
        var annotations = new Dictionary<string, string>(container.Spec.Annotations ?? new Dictionary<string, string>())
        {
            [Generation] = (ReadGeneration(container) + 1).ToString(CultureInfo.InvariantCulture),
        };
        annotations.Remove(Copy);
        if (copy is { } number)
            annotations[Copy] = number.ToString(CultureInfo.InvariantCulture);
        foreach (var (key, value) in env)
            annotations[Env + key] = value;
        return container with { Spec = container.Spec with { Annotations = annotations } };
    }

    /// <summary>Writes it into the folder that is bound.</summary>
    public static void Write(Container container, string folder)
    {
        Directory.CreateDirectory(folder);
        AtomicFile.Write(Path.Combine(folder, FileName), Content(container), Mode, durable: false);
    }

    /// <summary>
    /// Of a container that has no such mount, since it wasn't made by Stasis, and can't get one, since CRIU restores the mounts that there were: into its root file system, which is mounted. Where
    /// its /run is a mount of its own, it isn't seen.
    /// </summary>
    public static void WriteInto(Container container, ContainerLayout paths)
    {
        if ((container.Spec.Mounts ?? []).Any(mount => mount.Destination is Folder or "/run"))
            return;
        using var root = RootedPath.Open(paths.Merged);
        root.MakeDirectories(Folder);
        var path = $"{Folder}/{FileName}";
        root.Remove(path);
        using var file = root.CreateFile(path);
        RandomAccess.Write(file, Content(container), 0);
        root.SetMode(path, Mode);
    }

    private static int ReadGeneration(Container container) =>
        int.TryParse(container.Spec.Annotations?.GetValueOrDefault(Generation), NumberStyles.None, CultureInfo.InvariantCulture, out var generation) ? generation : 0;

    private static byte[] Content(Container container)
    {
        var annotations = container.Spec.Annotations ?? new Dictionary<string, string>();
        var identity = new CopyIdentity
        {
            Name = container.Name,
            Id = container.Id,
            Hostname = container.Spec.Hostname,
            Generation = ReadGeneration(container),
            Copy = int.TryParse(annotations.GetValueOrDefault(Copy), NumberStyles.None, CultureInfo.InvariantCulture, out var copy) ? copy : null,
            Time = DateTimeOffset.UtcNow,
            Env = annotations.Where(pair => pair.Key.StartsWith(Env, StringComparison.Ordinal)).ToDictionary(pair => pair.Key[Env.Length..], pair => pair.Value),
        };
        return [.. JsonSerializer.SerializeToUtf8Bytes(identity, EngineJson.Default.CopyIdentity), (byte)'\n'];
    }
}
