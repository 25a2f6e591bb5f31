namespace Stasis.Engine.Vetting.Images.Namespaces;

/// <summary>What the spec hides or makes read-only of the kernel's file systems is hidden and read-only. Only what this kernel has matters: the one that was dumped on may have had less.</summary>
internal static class MaskedPathImageRule
{
    private const string Rule = "image-mask";

    public static void Check(ImageVerification verification)
    {
        var spec = new SpecMounts(verification.Allowed.Spec);
        var points = verification.Mounts.Values.ToLookup(mount => mount.Point);
        foreach (var path in verification.Allowed.Spec.Linux?.MaskedPaths ?? [])
        {
            if (IsHere(path, spec) && !points[path].Any(spec.IsMask))
                verification.Refuse(Rule, "checkpoint/mountpoints", path, "the spec hides it from the container, and the images don't", $"unmask:{path}");
        }
        foreach (var path in verification.Allowed.Spec.Linux?.ReadonlyPaths ?? [])
        {
            if (IsHere(path, spec) && !points[path].Any(mount => (mount.Flags & 1) != 0))
                verification.Refuse(Rule, "checkpoint/mountpoints", path, "the spec has it read-only in the container, and the images don't", $"unmask:{path}");
        }
    }

    private static bool IsHere(string path, SpecMounts spec) =>
        ((ImagePaths.IsWithin(path, "/proc") && spec.At("/proc") is { Type: "proc" }) || (ImagePaths.IsWithin(path, "/sys") && spec.At("/sys") is { Type: "sysfs" }))
        && ImagePaths.IsPlain(path) && Path.Exists(path);
}
