using Stasis.Engine.Archive;
using Stasis.Engine.Criu.Images;
using Stasis.Engine.Model;
using Stasis.Engine.RuntimeSpec;
using Stasis.Engine.Vetting.Findings;
using Stasis.Engine.Vetting.Images;
using Stasis.Linux.Files;
using Stasis.Tests.Mutations;

namespace Stasis.IntegrationTests.Checkpoints.Mutations;

/// <summary>A checkpoint of the real CRIU, in memory.</summary>
internal sealed record MutableCheckpoint(
    string Name, IReadOnlyDictionary<string, byte[]> Images, ContainerConfig Config, OciSpec Spec)
{
    public static MutableCheckpoint Read(string name, string archive)
    {
        var folder = Directory.CreateTempSubdirectory("stasis-mutable-").FullName;
        try
        {
            ArchiveUnpacker.Unpack(archive, ArchiveReadSettings.Open, folder, _ => { }, CancellationToken.None);
            var images = Directory.EnumerateFiles(new CheckpointEntryPaths(folder).Images)
                .ToDictionary(file => Path.GetFileName(file), File.ReadAllBytes);
            return new MutableCheckpoint(
                name,
                images,
                ArchiveUnpacker.ReadJson(archive, folder, ArchiveEntryNames.ConfigDump, Engine.EngineJson.Default.ContainerConfig),
                ArchiveUnpacker.ReadJson(archive, folder, ArchiveEntryNames.SpecDump, Engine.EngineJson.Default.OciSpec));
        }
        finally
        {
            FileTree.Remove(folder);
        }
    }

    /// <summary>What the image verifier finds if one file has other content.</summary>
    public IReadOnlyList<Finding> Verify(string file, byte[] content)
    {
        var images = new ImageDirectory(new MutatedImages(Images, file, content), ArchiveEntryNames.Checkpoint);
        return ImageVerifier.Verify(images, Config, Spec, Name).Findings;
    }
}
