using Stasis.Engine.Vetting.Findings;

namespace Stasis.Engine.Vetting.Images.Namespaces;

/// <summary>
/// Requires that paths of the kernel's file systems that the spec masks or makes read-only are masked and
/// read-only. Paths that this kernel doesn't have are ignored.
/// </summary>
internal static class MaskedPathImageRule
{
    public static readonly RuleDescriptor Rule = new()
    {
        Id = "image-mask",
        Finds = "paths that the spec masks or makes read-only, that this kernel has, and that aren't masked or "
            + "read-only",
        Allow = "`unmask:/proc/sched_debug`",
        AllowName = "unmask",
    };

    public static void Check(ImageVerification verification)
    {
        var spec = new ExpectedMounts(verification.Allowed.Spec);
        // A nested mount namespace's masks hide nothing from the container's first process.
        var own = verification.Namespaces?.Number("mnt_ns_id");
        var points = verification.Mounts.Values
            .Where(mount => own is null || mount.Namespace == own)
            .ToLookup(mount => mount.Point);
        foreach (var path in verification.Allowed.Spec.Linux?.MaskedPaths ?? [])
        {
            if (IsHere(path, spec) && !points[path].Any(spec.IsMask))
                verification.Refuse(
                    Rule,
                    "checkpoint/mountpoints",
                    path,
                    "the spec hides it from the container, and the images don't",
                    path);
        }
        foreach (var path in verification.Allowed.Spec.Linux?.ReadonlyPaths ?? [])
        {
            if (IsHere(path, spec) && !points[path].Any(mount => (mount.Flags & 1) != 0))
                verification.Refuse(
                    Rule,
                    "checkpoint/mountpoints",
                    path,
                    "the spec has it read-only in the container, and the images don't",
                    path);
        }
    }

    private static bool IsHere(string path, ExpectedMounts spec) =>
        ((ImagePathSyntax.IsWithin(path, "/proc") && spec.At("/proc") is { Type: "proc" })
            || (ImagePathSyntax.IsWithin(path, "/sys") && spec.At("/sys") is { Type: "sysfs" }))
        && ImagePathSyntax.IsPlain(path) && Path.Exists(path);
}

internal static partial class NamespaceImageCheckList
{
    internal static readonly ImageCheck MaskedPath = Add(new(70, MaskedPathImageRule.Check, MaskedPathImageRule.Rule));
}
