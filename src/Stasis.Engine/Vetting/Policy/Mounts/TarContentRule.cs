using Stasis.Engine.Archive;
using Stasis.Engine.Common;
using Stasis.Engine.Formats.Tar;
using Stasis.Engine.Vetting.Findings;
using Stasis.Engine.Vetting.Policy.Limits;

namespace Stasis.Engine.Vetting.Policy.Mounts;

/// <summary>
/// Reads the archive's tars. Device nodes are refused, except those that every container has and an overlay's
/// whiteouts. Programs that are setuid or have file capabilities are counted, since upgrades in a container
/// bring them.
/// </summary>
internal static class TarContentRule
{
    public static readonly RuleDescriptor DeviceNodeRule = new()
    {
        Id = "device-node",
        Finds = "device nodes other than those that every container has and overlay's whiteouts, among the files of "
            + "the root, of `/dev/shm` and of volumes",
        Allow = "`device-node:b:8:0`",
        AllowedByPrivileged = [RuleDescriptor.Every],
    };

    public static readonly RuleDescriptor SetuidRule = new()
    {
        Id = "setuid",
        Finds = "setuid programs and files with capabilities, which upgrades inside a container bring: listed only",
        Severity = Severity.Info,
    };

    private const string FileCapabilities = "security.capability";

    public static IEnumerable<Finding> Check(VettingSubject subject)
    {
        if (subject.Checkpoint is not { } checkpoint)
            return [];
        var volumes = (subject.Config.NamedVolumes ?? [])
            .Where(volume => ObjectName.IsValid(volume.Name))
            .Select(volume => (ArchiveEntryNames.Volume(volume.Name), checkpoint.Volume(volume.Name)));
        (string, string)[] tars =
        [
            (ArchiveEntryNames.RootfsDiff, checkpoint.RootfsDiff), (ArchiveEntryNames.DevShm, checkpoint.DevShm), .. volumes.Distinct(),
        ];
        return tars.Where(tar => File.Exists(tar.Item2)).SelectMany(tar => FindInTar(tar.Item1, tar.Item2));
    }

    private static List<Finding> FindInTar(string entry, string path)
    {
        var (found, privileged) = (new List<Finding>(), 0);
        using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0);
        using var tar = new TarReader(stream);
        while (tar.Next() is { } file)
        {
            if (file.Type is TarEntryType.CharacterDevice or TarEntryType.BlockDevice)
            {
                var device = FormattableString.Invariant(
                    $"{(file.Type == TarEntryType.BlockDevice ? 'b' : 'c')}:{file.DeviceMajor}:{file.DeviceMinor}");
                if (device != "c:0:0" && !DeviceRule.IsPlain(device))
                    found.Add(FindingFactory.Refused(
                        DeviceNodeRule,
                        $"{entry}: {file.NameText}",
                        device,
                        "a device node of the host among its files",
                        device));
            }
            else if (file.Type == TarEntryType.File && ((file.Mode & 0xC00 /* 06000 */) != 0 || file.Xattrs.ContainsKey(FileCapabilities)))
            {
                privileged++;
            }
        }
        if (privileged > 0)
            found.Add(FindingFactory.Info(
                SetuidRule,
                entry,
                FormattableString.Invariant($"{privileged}"),
                "files that are setuid, setgid or have capabilities: they give no more than its bounding set"));
        return found;
    }
}

internal static partial class MountCheckList
{
    internal static readonly PolicyCheck Content =
        Add(new(300, TarContentRule.Check, TarContentRule.DeviceNodeRule, TarContentRule.SetuidRule));
}
