using System.Text.Json;
using Stasis.Engine.Archive;
using Stasis.Engine.Containers;
using Stasis.Engine.Containers.Files;
using Stasis.Engine.Formats.Tar;
using Stasis.Engine.Model;
using Stasis.Linux.Files;

namespace Stasis.Engine.Checkpoints.Dump;

/// <summary>
/// Copies the files of a frozen container into its dump: changes to the root file system, /dev/shm, volumes, the log, and the
/// addresses on its networks. They belong to the same instant as the memory.
/// </summary>
internal static class FileCapture
{
    /// <summary>Writes the files into <paramref name="dump"/> under their archive names.</summary>
    /// <param name="locked">The frozen container.</param>
    /// <param name="options">What is left out.</param>
    /// <param name="dump">The container's dump folder.</param>
    /// <param name="cancellation">A cancelled call leaves a part of the files in the dump.</param>
    public static void Write(LockedContainer locked, CheckpointOptions options, CheckpointEntryPaths dump, CancellationToken cancellation)
    {
        var (container, layout) = (locked.Container, locked.Engine.Layout);
        if (!options.IgnoreRootfs)
            RootfsDiff.Write(container, layout.ChangedLayers(container), layout.ImageLayers(container), dump, cancellation);
        cancellation.ThrowIfCancellationRequested();
        if (Directory.Exists(locked.Paths.Shm))
            WriteTar(locked.Paths.Shm, dump.DevShm, cancellation);
        // A checkpoint in place leaves volumes where they are.
        if (!options.IgnoreVolumes && (options.Store || (options.Export ?? options.CreateImage) is not null))
            WriteVolumes(locked, dump, cancellation);
        if (container.Resources is { } resources)
            resources.CopyLog(dump.Log);
        else if (File.Exists(locked.Paths.Log))
            File.Copy(locked.Paths.Log, dump.Log);
        var networks = container.State.Networks ?? new Dictionary<string, NetworkStatus>();
        var json = JsonSerializer.SerializeToUtf8Bytes(networks, EngineJson.Default.IReadOnlyDictionaryStringNetworkStatus);
        AtomicFile.Write(dump.NetworkStatus, json, durable: false);
        WriteEtcChanges(locked, dump);
    }

    private static void WriteEtcChanges(LockedContainer locked, CheckpointEntryPaths dump)
    {
        var changes = EtcChanges.Find(locked.Paths, change => locked.Engine.Warn($"container {locked.Container.Name}: {change}"));
        if (changes.Count > 0)
        {
            var json = JsonSerializer.SerializeToUtf8Bytes(changes, EngineJson.Default.DictionaryStringString);
            AtomicFile.Write(dump.EtcChanges, json, durable: false);
        }
    }

    private static void WriteVolumes(LockedContainer locked, CheckpointEntryPaths dump, CancellationToken cancellation)
    {
        foreach (var volume in locked.Container.Config.NamedVolumes ?? [])
        {
            cancellation.ThrowIfCancellationRequested();
            PrivateDirectory.Create(dump.Volumes);
            WriteTar(locked.Engine.Layout.Volume(volume.Name), dump.Volume(volume.Name), cancellation);
        }
    }

    private static void WriteTar(string directory, string file, CancellationToken cancellation)
    {
        using var stream = File.Create(file);
        var tar = new TarWriter(stream);
        TarPacker.Write(tar, directory, new TarPackerOptions { IncludeRoot = true, Sparse = true }, cancellation);
        tar.Finish();
    }
}
