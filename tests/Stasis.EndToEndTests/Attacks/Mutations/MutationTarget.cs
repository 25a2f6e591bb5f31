using System.Text.Json;
using Stasis.Engine;
using Stasis.Engine.Archive;
using Stasis.Engine.Criu.Images;
using Stasis.Engine.Model;
using Stasis.Engine.RuntimeSpec;
using Stasis.Engine.Vetting.Findings;
using Stasis.Engine.Vetting.Images;
using Stasis.Tests.Mutations;

namespace Stasis.EndToEndTests.Attacks;

/// <summary>A real archive whose images are changed.</summary>
internal sealed class MutationTarget
{
    private const string Folder = ArchiveEntryNames.Checkpoint + "/";

    private readonly HostileArchive _archive;
    private readonly Dictionary<string, byte[]> _images;
    private readonly ContainerConfig _config;
    private readonly OciSpec _spec;

    public MutationTarget(CheckpointShape shape, HostileArchive archive)
    {
        (Shape, _archive) = (shape, archive);
        _images = archive.Names.Where(name => name.StartsWith(Folder, StringComparison.Ordinal) && name.Length > Folder.Length)
            .ToDictionary(name => name[Folder.Length..], name => archive[name]);
        _config = JsonSerializer.Deserialize(archive[ArchiveEntryNames.ConfigDump], EngineJson.Default.ContainerConfig)!;
        _spec = JsonSerializer.Deserialize(archive[ArchiveEntryNames.SpecDump], EngineJson.Default.OciSpec)!;
    }

    public CheckpointShape Shape { get; }

    /// <summary>The ID that the archive's container has.</summary>
    public string Id => _config.Id;

    /// <summary>Mutations that the image verifier accepts.</summary>
    public IEnumerable<Mutation> FindAccepted(ImageMutator mutator) =>
        mutator.Create(_images).AsParallel().AsOrdered().Where(IsAccepted);

    /// <summary>Writes the archive with one image changed; as it was without a mutation.</summary>
    public void Write(string path, Mutation? mutation)
    {
        var archive = _archive.Copy();
        if (mutation is not null)
            archive.Put(Folder + mutation.File, mutation.Make(_images[mutation.File]));
        archive.Write(path);
    }

    private bool IsAccepted(Mutation mutation)
    {
        var images = new MutatedImages(_images, mutation.File, mutation.Make(_images[mutation.File]));
        return ImageVerifier.Verify(new ImageDirectory(images, ArchiveEntryNames.Checkpoint), _config, _spec, Shape.Name).Findings
            .All(finding => finding.Severity != Severity.Refused);
    }
}
