using Stasis.Engine.Criu.Images;

namespace Stasis.Engine.Vetting.Images.Files;

/// <summary>Which open files were deleted, and what CRIU opens in their place (enum remap_type of images/remap-file-path.proto).</summary>
internal sealed class RemapTable
{
    public const uint Linked = 0, Ghost = 1, Procfs = 2;

    private readonly Dictionary<uint, (uint Type, uint Id)> _byFile = [];

    /// <summary>IDs of files that CRIU's dump has made: other names of deleted files.</summary>
    public HashSet<uint> LinkTargets { get; } = [];

    /// <summary>IDs of dead processes, of which a file in /proc is open. CRIU starts one for each, and ends it.</summary>
    public HashSet<uint> DeadProcesses { get; } = [];

    /// <summary>What CRIU opens in place of a file; null if that isn't deleted.</summary>
    public (uint Type, uint Id)? Find(uint file) => _byFile.TryGetValue(file, out var remap) ? remap : null;

    /// <exception cref="ImageException">The image isn't what its name says.</exception>
    public static RemapTable Read(ImageDirectory images)
    {
        var table = new RemapTable();
        foreach (var remap in images.Read(ImageKind.Get("remap-fpath").TheFile))
        {
            var (file, type, id) = (remap.U32("orig_id"), remap.U32("remap_type"), remap.U32("remap_id"));
            table._byFile[file] = (type, id);
            if (type == Linked)
                table.LinkTargets.Add(id);
            else if (type == Procfs)
                table.DeadProcesses.Add(id);
        }
        return table;
    }
}
