namespace Stasis.Engine.Vetting.Images.Namespaces;

/// <summary>Checks the fields of mounts that CRIU makes itself, as opposed to external ones: what they hand to mount(2).</summary>
internal sealed class CriuMadeMountCheck(ImageVerification verification)
{
    private readonly FileSystemOptionComparison _options = new(verification.Allowed.Spec);

    /// <summary>
    /// Whether a mount has a device number without a disk, the source that the runtime gives it, and no options but the spec's. Refuses it
    /// if not.
    /// </summary>
    /// <param name="mount">The mount.</param>
    /// <param name="wanted">The mount of the spec; null for what the runtime or a process mounts without it.</param>
    public bool Check(MountNode mount, SpecMount? wanted)
    {
        if (mount.Device >> 20 != 0 || mount.Device == 0)
            Refuse(mount, "root_dev", $"{mount.Device:x}", "the number of a disk, or of nothing");
        else if (!IsSource(mount.Source, wanted))
            Refuse(mount, "source", mount.Source, "another source than the spec's");
        else if (_options.FindOther(mount, wanted) is { } other)
            Refuse(mount, "options", other.Option, other.Why);
        else
            return true;
        return false;
    }

    // Runtimes call a file system by its type, or by the spec's source. Processes can choose any word.
    private static bool IsSource(string source, SpecMount? wanted) => wanted is null
        ? !source.Contains('/', StringComparison.Ordinal)
        : source == wanted.Source || source == wanted.Type || source is "none" or "tmpfs"
            || (wanted.Type == "cgroup" && source == "cgroup2"); // crun's, where the host has no v1

    private void Refuse(MountNode mount, string field, string value, string why) =>
        verification.Refuse(MountTreeImageRule.Rule, $"{mount.Where}: {field}", $"{value} on {mount.Point}", why);
}
