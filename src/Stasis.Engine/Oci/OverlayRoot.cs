using Stasis.Engine.Errors;
using Stasis.Linux.Mounts;

namespace Stasis.Engine.Oci;

/// <summary>The folders of a mounted overlay.</summary>
/// <param name="Upper">What the container has changed.</param>
/// <param name="Lowers">The layers beneath, topmost first.</param>
internal sealed record OverlayRoot(string Upper, IReadOnlyList<string> Lowers)
{
    private const string UpperOption = "upperdir=", LowerOption = "lowerdir=", OneLowerOption = "lowerdir+=";

    /// <summary>Finds the writable overlay that is mounted at a folder; null if there is none.</summary>
    public static OverlayRoot? TryFind(string root) =>
        MountEntry.Read("self").LastOrDefault(mount => mount.Point == root) is { Type: "overlay" } mount ? Parse(mount.SuperOptions) : null;

    /// <summary>As above, of a container.</summary>
    /// <exception cref="StasisException">There is none: the engine stores root file systems otherwise.</exception>
    public static OverlayRoot Find(string root, string container)
    {
        if (TryFind(root) is { } overlay)
            return overlay;
        throw new StasisException($"container {container}: its root file system, {root}, is no writable overlay of this mount namespace")
        {
            Remedy = "use a storage driver that is made of overlays (overlay2, overlayfs), and be in the engine's mount namespace",
        };
    }

    /// <summary>Parses a mount's options (fs/overlayfs/params.c, ovl_show_options); null if the overlay can't be written.</summary>
    internal static OverlayRoot? Parse(IReadOnlyList<string> options)
    {
        if (options.FirstOrDefault(option => option.StartsWith(UpperOption, StringComparison.Ordinal)) is not { } upper)
            return null;
        var folder = Unescape(upper[UpperOption.Length..]);
        var lowers = options.Where(option => option.StartsWith(OneLowerOption, StringComparison.Ordinal))
            .Select(option => Unescape(option[OneLowerOption.Length..])).ToList();
        if (lowers.Count == 0)
            lowers = options.Where(option => option.StartsWith(LowerOption, StringComparison.Ordinal))
                .SelectMany(option => Split(Unescape(option[LowerOption.Length..]))).ToList();
        // Docker mounts many layers by short names, from the folder that holds them: its upper folder is DRIVER/ID/diff.
        var driver = Path.GetDirectoryName(Path.GetDirectoryName(folder)) ?? "/";
        return new OverlayRoot(folder, [.. lowers.Select(lower => Path.GetFullPath(Path.Combine(driver, lower)))]);
    }

    // Colons in names follow a backslash.
    private static IEnumerable<string> Split(string lowers) =>
        lowers.Replace("\\:", "\0", StringComparison.Ordinal).Split(':', StringSplitOptions.RemoveEmptyEntries)
            .Select(lower => lower.Replace('\0', ':'));

    private static string Unescape(string text) => MountTable.Unescape(text.Replace(@"\054", ",").Replace(@"\075", "="));
}
