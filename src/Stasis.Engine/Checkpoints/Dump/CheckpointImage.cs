using System.Text.RegularExpressions;
using Stasis.Engine.Archive;
using Stasis.Engine.Common;
using Stasis.Engine.Errors;
using Stasis.Engine.Formats.Tar;
using Stasis.Engine.Host;
using Stasis.Engine.Images;
using Stasis.Engine.Model;
using Stasis.Engine.Oci;
using Stasis.Linux.Files;
using Stasis.Linux.Processes;

namespace Stasis.Engine.Checkpoints.Dump;

/// <summary>
/// A checkpoint as an image: one layer with the entries of an archive as files. Annotations of the manifest describe the
/// container and the host (Podman: libpod/define/annotations.go, CheckpointAnnotation…).
/// </summary>
internal static partial class CheckpointImage
{
    private const string Prefix = "io.podman.annotations.checkpoint.";

    // CRI-O and containerd know a checkpoint image by it (checkpointctl's lib/metadata.go, CheckpointAnnotationName).
    private const string CriName = "io.kubernetes.cri-o.annotations.checkpoint.name";

    // OCI image spec, annotations.md.
    private const string BaseName = "org.opencontainers.image.base.name", BaseDigest = "org.opencontainers.image.base.digest";

    // Programs print their version at once. One that takes longer hangs.
    private static readonly TimeSpan TimeLimit = TimeSpan.FromSeconds(5);

    /// <summary>Creates the image of a dump, and records the image as made on this host.</summary>
    /// <param name="engine">The engine.</param>
    /// <param name="container">The container.</param>
    /// <param name="dump">The dump, which has all entries of an archive.</param>
    /// <param name="name">The image's name.</param>
    /// <param name="cancellation">A cancelled call leaves no image.</param>
    public static async Task CreateAsync(
        StasisEngine engine, Container container, CheckpointEntryPaths dump, string name, CancellationToken cancellation)
    {
        var annotations = await CreateAnnotationsAsync(engine, container, cancellation);
        var image = await engine.Images.CreateAsync(dump.Path, Choose, name, annotations, cancellation);
        engine.LocalArchives.Add(GetDigest(image));
    }

    /// <summary>
    /// The image's entry among the digests of archives: the digest of its layer, which is the checkpoint's ID in the store.
    /// </summary>
    public static string GetDigest(Image image) => $"image:{Digests.Hex(image.Layers[0])}";

    /// <summary>
    /// Unpacks the image into a folder, as an archive is unpacked: only entries that the format knows are accepted. Files that a
    /// restore only reads are hard-linked, which takes no time whatever their size. The log, which is written on, is copied.
    /// </summary>
    /// <param name="engine">The engine.</param>
    /// <param name="image">The image.</param>
    /// <param name="name">What error messages call the image.</param>
    /// <param name="folder">The folder to fill.</param>
    /// <param name="cancellation">A cancelled call leaves a part of the files in the folder.</param>
    /// <exception cref="ArchiveException">The image isn't a checkpoint.</exception>
    public static void Unpack(StasisEngine engine, Image image, string name, string folder, CancellationToken cancellation)
    {
        if (image.Layers is not [var layer])
            throw new ArchiveException(name, null, $"a checkpoint image has one layer, this one has {image.Layers.Count}");
        Link(name, engine.Layout.Layer(layer), "", folder, cancellation);
    }

    private static void Link(string image, string layer, string within, string folder, CancellationToken cancellation)
    {
        foreach (var entry in new DirectoryInfo(Path.Combine(layer, within)).EnumerateFileSystemInfos())
        {
            cancellation.ThrowIfCancellationRequested();
            var name = Path.Combine(within, entry.Name);
            var status = FileStatus.Read(entry.FullName);
            if (status.IsDirectory && ArchiveEntryNames.IsFolder(name))
            {
                PrivateDirectory.Create(Path.Combine(folder, name));
                Link(image, layer, name, folder, cancellation);
            }
            else if (status.IsSymbolicLink && name == ArchiveEntryNames.Parent)
            {
                PreCheckpoint.MakeParentLink(new CheckpointEntryPaths(folder));
            }
            else if (!status.IsRegularFile || !ArchiveEntryNames.IsFile(name))
            {
                throw new ArchiveException(image, name, "a checkpoint image has no such file");
            }
            else if (name == ArchiveEntryNames.Log)
            {
                File.Copy(entry.FullName, Path.Combine(folder, name));
            }
            else
            {
                FileTree.Link(entry.FullName, Path.Combine(folder, name));
            }
        }
    }

    /// <summary>What of a dump is in its image.</summary>
    public static TarPackerChoice Choose(
        ReadOnlySpan<byte> path, DirectoryHandle folder, ReadOnlySpan<byte> name, in FileStatus status) =>
        path.SequenceEqual("dump.log"u8) ? TarPackerChoice.Skip : TarPackerChoice.Take;

    /// <summary>
    /// Creates the annotations of the image of an archive: those about the container. Which programs made the archive isn't known.
    /// </summary>
    /// <param name="engine">The engine. If it has the container's image, by the digest of a registry's manifest, that is told.</param>
    /// <param name="config">The container.</param>
    public static Dictionary<string, string> CreateAnnotations(StasisEngine engine, ContainerConfig config)
    {
        var annotations = Describe(config);
        if (config.RootfsImageId is { Length: > 0 } id && engine.Images.Find(id)?.ManifestDigest is { } digest)
            annotations[BaseDigest] = digest;
        return annotations;
    }

    private static Dictionary<string, string> Describe(ContainerConfig config) => new()
    {
        [Prefix + "name"] = config.Name,
        [Prefix + "rawImageName"] = config.RawImageName ?? "",
        [Prefix + "rootfsImageID"] = config.RootfsImageId ?? "",
        [Prefix + "rootfsImageName"] = config.RootfsImageName ?? "",
        // Podman asks for the one that can restore it.
        [Image.CheckpointRuntime] = Path.GetFileName(config.OciRuntime is { Length: > 0 } named ? named : "runc"),
        [CriName] = config.Name,
        [BaseName] = config.RootfsImageName ?? "",
    };

    private static async Task<Dictionary<string, string>> CreateAnnotationsAsync(
        StasisEngine engine, Container container, CancellationToken cancellation)
    {
        var runtime = Runtime.Find(engine.Layout, container.Config.OciRuntime ?? engine.Options.Runtime);
        string[] programs = [runtime.Path, ConmonAccess.Find(), runtime.RequireCriu()];
        var versions = await Task.WhenAll(programs.Select(program => ReadVersionAsync(program, cancellation)));
        var distribution = Distribution.Read();
        return new Dictionary<string, string>(CreateAnnotations(engine, container.Config))
        {
            [Prefix + "podman.version"] = $"stasis {typeof(CheckpointImage).Assembly.GetName().Version!.ToString(3)}",
            [Prefix + "criu.version"] = CriuNumber(versions[2]),
            [Image.CheckpointRuntime] = Path.GetFileName(runtime.Path),
            [Prefix + "runtime.version"] = versions[0],
            [Prefix + "conmon.version"] = versions[1],
            [Prefix + "host.arch"] = OneLayerConfig.Architecture,
            [Prefix + "host.kernel"] = (await File.ReadAllTextAsync("/proc/sys/kernel/osrelease", cancellation)).Trim(),
            [Prefix + "cgroups.version"] = HostFacts.Read().Cgroups.IsUnified ? "v2" : "v1",
            [Prefix + "distribution.name"] = distribution.Id,
            [Prefix + "distribution.version"] = distribution.Version,
        };
    }

    private static async Task<string> ReadVersionAsync(string program, CancellationToken cancellation) =>
        (await Spawn.RunAsync(new SpawnOptions { Program = program, Arguments = ["--version"] }, TimeLimit, cancellation)).Output.Trim();

    /// <summary>
    /// CRIU's version as one number, as in its RPC: 4.2.1 is 40201 (criu/cr-service.c: 10000 major + 100 minor + sublevel).
    /// </summary>
    internal static string CriuNumber(string printed) => Version.TryParse(VersionPattern().Match(printed).Value, out var version)
        ? FormattableString.Invariant($"{(version.Major * 10000) + (version.Minor * 100) + Math.Max(version.Build, 0)}")
        : "unknown";

    [GeneratedRegex(@"\d+(\.\d+)+", RegexOptions.CultureInvariant)]
    private static partial Regex VersionPattern();
}
