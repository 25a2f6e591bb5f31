using System.Text.Json;
using Stasis.Engine.Archive;
using Stasis.Engine.Checkpoints;
using Stasis.Engine.Errors;
using Stasis.Engine.Oci;
using Stasis.Linux.Files;

namespace Stasis.Engine.RuntimeCommand;

/// <summary>The checkpoint that a bundle names.</summary>
/// <param name="Source">
/// The path of the archive, or of a folder with its entries; or from an annotation a checkpoint of the store, by ID or tag, or an image by
/// its digest.
/// </param>
/// <param name="IsPath">Whether it is a path.</param>
internal sealed record BundleCheckpoint(string Source, bool IsPath)
{
    /// <summary>
    /// Where a bundle has its checkpoint: a mount, which isn't there in the container, or a folder of the container's image.
    /// </summary>
    public const string MountPoint = "/.stasis";

    /// <summary>The annotation that names a checkpoint of the store.</summary>
    public const string Annotation = "dev.stasis.checkpoint";

    /// <summary>
    /// What the annotation of a pod begins with that names the checkpoint of one of its containers; the container's name follows.
    /// </summary>
    public const string PodAnnotation = "checkpoint.stasis.dev/";

    // What a container of a pod is called, by containerd and by CRI-O.
    private static readonly string[] ContainerNames = ["io.kubernetes.cri.container-name", "io.kubernetes.container.name"];

    // Of the container that holds a pod's namespaces, of containerd and of CRI-O. A pod's annotations may be on it, too.
    private static readonly string[] ContainerTypes = ["io.kubernetes.cri.container-type", "io.kubernetes.cri-o.ContainerType"];

    /// <summary>
    /// Looks for one in a bundle's config.json. Null if there is none; the runtime reports a config.json that isn't right.
    /// </summary>
    /// <param name="bundle">The bundle's folder.</param>
    public static BundleCheckpoint? Find(string bundle)
    {
        var config = Path.Combine(bundle, "config.json");
        if (!File.Exists(config))
            return null;
        var found = Find(File.ReadAllBytes(config), out var root);
        return found ?? (root is null ? null : FindInImage(Path.GetFullPath(Path.Combine(bundle, root))));
    }

    /// <summary>Looks for one that the content of a config.json names.</summary>
    /// <param name="config">The content.</param>
    /// <param name="root">The path of the root file system, if one in it would count; null if none would.</param>
    internal static BundleCheckpoint? Find(ReadOnlySpan<byte> config, out string? root)
    {
        root = null;
        try
        {
            string? mounted = null, annotated = null;
            var isSandbox = false;
            var reader = new Utf8JsonReader(config);
            if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
                return null;
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                var (isMounts, isAnnotations) = (reader.ValueTextEquals("mounts"u8), reader.ValueTextEquals("annotations"u8));
                var isRoot = reader.ValueTextEquals("root"u8);
                reader.Read();
                if (isMounts && reader.TokenType == JsonTokenType.StartArray)
                    mounted = FindMount(ref reader);
                else if (isAnnotations && reader.TokenType == JsonTokenType.StartObject)
                    annotated = FindAnnotation(ref reader, out isSandbox);
                else if (isRoot && reader.TokenType == JsonTokenType.StartObject)
                    root = FindRoot(ref reader);
                else
                    reader.Skip();
            }
            if (isSandbox)
                root = null;
            return mounted is not null ? new BundleCheckpoint(mounted, IsPath: true)
                : annotated is not null ? new BundleCheckpoint(annotated, IsPath: false)
                : null;
        }
        catch (JsonException)
        {
            root = null;
            return null;
        }
    }

    /// <summary>The checkpoint as a restore's source.</summary>
    /// <param name="settings">The host's settings, which say where archives may lie that an annotation names.</param>
    /// <exception cref="StasisException">It is not there.</exception>
    public CheckpointSource ToSource(RuntimeSettings settings)
    {
        if (IsPath)
            return FromPath();
        if (settings.Checkpoints is { } folder && RealPath.TryResolve(folder) is { } root
            && RealPath.TryResolve(Path.Combine(root, Source)) is { } path
            && path.StartsWith(root.TrimEnd('/') + "/", StringComparison.Ordinal) && File.Exists(path))
            return new CheckpointSource.ArchiveFile(path);
        return Source.Contains("@sha256:", StringComparison.Ordinal)
            ? new CheckpointSource.RegistryImage(Source) : new CheckpointSource.InStore(Source);
    }

    // One that the container itself has put there doesn't count.
    private static BundleCheckpoint? FindInImage(string root)
    {
        var folder = new DirectoryInfo(root + MountPoint);
        return folder is { Exists: true, LinkTarget: null } && File.Exists(Path.Combine(folder.FullName, ArchiveEntryNames.ConfigDump))
            && OverlayRoot.TryFind(root) is { } overlay && !Path.Exists(overlay.Upper + MountPoint)
            ? new BundleCheckpoint(folder.FullName, IsPath: true) : null;
    }

    private static string? FindRoot(ref Utf8JsonReader reader)
    {
        string? path = null;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var isPath = reader.ValueTextEquals("path"u8);
            reader.Read();
            if (isPath && reader.TokenType == JsonTokenType.String)
                path = reader.GetString();
            else
                reader.Skip();
        }
        return path;
    }

    // A FIFO would be waited at for good.
    private CheckpointSource FromPath()
    {
        var status = FileStatus.TryReadTarget(Source);
        return status switch
        {
            { IsRegularFile: true } => new CheckpointSource.ArchiveFile(Source),
            { IsDirectory: true } when !Directory.EnumerateFileSystemEntries(Source).Any() => throw new StasisException(
                $"{Source}, which is to be at {MountPoint}, is an empty folder")
            {
                Remedy = "see whether the archive is there: docker run -v makes a folder where there is nothing",
            },
            { IsDirectory: true } => new CheckpointSource.ArchiveStream(FolderArchive.Open(Source)) { Title = Source },
            _ => throw new StasisException(
                $"{Source}, which is to be at {MountPoint}, {(status is null ? "is not there" : "is neither a file nor a folder")}")
            {
                Remedy = "mount an archive there, or a folder that one was unpacked to",
            },
        };
    }

    private static string? FindMount(ref Utf8JsonReader reader)
    {
        string? found = null;
        while (reader.Read() && reader.TokenType == JsonTokenType.StartObject)
        {
            var (isOurs, source) = (false, "");
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                var (isDestination, isSource) = (reader.ValueTextEquals("destination"u8), reader.ValueTextEquals("source"u8));
                reader.Read();
                if (isDestination && reader.TokenType == JsonTokenType.String)
                    isOurs = reader.ValueTextEquals("/.stasis"u8);
                else if (isSource && reader.TokenType == JsonTokenType.String)
                    source = reader.GetString()!;
                else
                    reader.Skip();
            }
            if (isOurs)
                found = source;
        }
        return found;
    }

    private static string? FindAnnotation(ref Utf8JsonReader reader, out bool isSandbox)
    {
        var (found, container) = ((string?)null, (string?)null);
        isSandbox = false;
        Dictionary<string, string>? ofPod = null;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var name = reader.GetString()!;
            if (!reader.Read() || reader.TokenType != JsonTokenType.String)
            {
                reader.Skip();
                continue;
            }
            if (name == Annotation)
                found = reader.GetString();
            else if (name.StartsWith(PodAnnotation, StringComparison.Ordinal))
                (ofPod ??= [])[name[PodAnnotation.Length..]] = reader.GetString()!;
            else if (ContainerNames.Contains(name))
                container = reader.GetString();
            else if (ContainerTypes.Contains(name))
                isSandbox = reader.ValueTextEquals("sandbox"u8);
        }
        return isSandbox ? null : container is null ? found : ofPod?.GetValueOrDefault(container) ?? found;
    }
}
