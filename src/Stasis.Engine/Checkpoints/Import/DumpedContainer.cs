using Stasis.Engine.Archive;
using Stasis.Engine.Errors;
using Stasis.Engine.Model;
using Stasis.Engine.RuntimeSpec;
using Stasis.Engine.Vetting.Policy;

namespace Stasis.Engine.Checkpoints.Import;

/// <summary>What a checkpoint says its container was. It is well-formed, and otherwise as untrusted as its source.</summary>
/// <param name="Config">The container, from config.dump.</param>
/// <param name="Spec">Its OCI spec, from spec.dump.</param>
internal sealed record DumpedContainer(ContainerConfig Config, OciSpec Spec)
{
    /// <summary>Whether this host wrote it, and it is unchanged.</summary>
    public bool IsLocal { get; init; }

    /// <summary>Parses both files.</summary>
    /// <param name="checkpoint">The checkpoint's files.</param>
    /// <param name="title">What messages call the checkpoint's source.</param>
    /// <exception cref="ArchiveException">One is missing, isn't JSON of its kind, or has null where something must be.</exception>
    public static DumpedContainer Read(CheckpointEntryPaths checkpoint, string title)
    {
        var dumped = new DumpedContainer(
            ArchiveUnpacker.ReadJson(title, checkpoint.Path, ArchiveEntryNames.ConfigDump, EngineJson.Default.ContainerConfig),
            ArchiveUnpacker.ReadJson(title, checkpoint.Path, ArchiveEntryNames.SpecDump, EngineJson.Default.OciSpec));
        DumpJsonValidator.Require(dumped.Config, dumped.Spec, title);
        return dumped;
    }
}
