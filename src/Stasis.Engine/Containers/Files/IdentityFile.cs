using System.Globalization;
using System.Text.Json;
using Stasis.Engine.Model;
using Stasis.Engine.Storage;
using Stasis.Linux.Files;

namespace Stasis.Engine.Containers.Files;

/// <summary>
/// A container's identity file, in a folder of the host that is bound into the container read-only. The mount is external to
/// CRIU: each copy sees its own file from its first instruction on. The file's values are kept in the spec's annotations, and so
/// in archives.
/// </summary>
internal static class IdentityFile
{
    /// <summary>The folder's path in the container.</summary>
    public const string Folder = "/run/.stasis";

    /// <summary>The folder's name in <see cref="ContainerLayout.EtcFile"/>, from where it is bound.</summary>
    public const string Source = "identity";

    private const string FileName = "identity.json";
    private const string Generation = "io.stasis.generation";
    private const string Copy = "io.stasis.copy";
    private const string Env = "io.stasis.env.";
    private const int Mode = 0x1A4; // 0644: every user of the container reads it

    /// <summary>Returns the container as it is after one more restore.</summary>
    /// <param name="container">The container.</param>
    /// <param name="copy">Number of the copy, from 1 on; null if it isn't one of several.</param>
    /// <param name="env">Variables for the identity file, added to those of earlier restores.</param>
    public static Container WithNextGeneration(Container container, int? copy, IReadOnlyDictionary<string, string> env)
    {
        var annotations = new Dictionary<string, string>(container.Spec.Annotations ?? new Dictionary<string, string>())
        {
            [Generation] = Math.Min(ReadGeneration(container) + 1L, int.MaxValue).ToString(CultureInfo.InvariantCulture),
        };
        annotations.Remove(Copy);
        if (copy is { } number)
            annotations[Copy] = number.ToString(CultureInfo.InvariantCulture);
        foreach (var (key, value) in env)
            annotations[Env + key] = value;
        return container with { Spec = container.Spec with { Annotations = annotations } };
    }

    /// <summary>Writes the file into the folder that is bound.</summary>
    public static void Write(Container container, string folder)
    {
        PrivateDirectory.Create(Path.GetDirectoryName(folder)!);
        Directory.CreateDirectory(folder); // containers' users read it
        AtomicFile.Write(ContainerLayout.IdentityFile(folder), Serialize(container), Mode, durable: false);
    }

    /// <summary>
    /// Writes the file into the mounted root file system of a container that has no such mount. Other engines' containers have
    /// none, and get none at a restore, since CRIU restores the mounts that there were. Does nothing if /run is a mount of its
    /// own: the file would be hidden.
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
        RandomAccess.Write(file, Serialize(container), 0);
        root.SetMode(path, Mode);
    }

    private static int ReadGeneration(Container container) => ParseNumber(container.Spec.Annotations?.GetValueOrDefault(Generation)) ?? 0;

    private static int? ParseNumber(string? text) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;

    private static byte[] Serialize(Container container)
    {
        var annotations = container.Spec.Annotations ?? new Dictionary<string, string>();
        var identity = new IdentityFileContent
        {
            Name = container.Name,
            Id = container.Id,
            Hostname = container.Spec.Hostname,
            Generation = ReadGeneration(container),
            Copy = ParseNumber(annotations.GetValueOrDefault(Copy)),
            Time = DateTimeOffset.UtcNow,
            Env = annotations.Where(pair => pair.Key.StartsWith(Env, StringComparison.Ordinal))
                .ToDictionary(pair => pair.Key[Env.Length..], pair => pair.Value),
        };
        return [.. JsonSerializer.SerializeToUtf8Bytes(identity, EngineJson.Default.IdentityFileContent), (byte)'\n'];
    }
}
