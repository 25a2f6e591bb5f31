using Stasis.Engine.Model;
using Stasis.Engine.Vetting.Findings;

namespace Stasis.Engine.Vetting.Policy.References;

/// <summary>
/// Finds annotations that runtimes or CRIU act on (runc: features; crun: container.c, known_annotations and
/// its handlers; CDI). org.criu.config is never handed on, even if it is allowed: Stasis has a configuration
/// file of its own. Runtimes ignore all others.
/// </summary>
internal static class AnnotationRule
{
    public static readonly RuleDescriptor Rule = new()
    {
        Id = "annotation",
        Finds = "`org.criu.*`; `run.oci.*`; `org.systemd.property.*` except Podman's two; those of CDI and of other "
            + "runtimes; `bundle`; keys with `=` (runc stores annotations among its own labels). `org.criu.config` "
            + "is never handed on, even if it is allowed",
        Allow = "`annotation:run.oci.keep_original_groups=1`",
    };

    private static readonly string[] ActedOn =
    [
        "org.criu.", "run.oci.", "org.systemd.property.", "cdi.k8s.io/", "io.kubernetes.cri", "io.katacontainers.", "module.wasm.",
        "org.opencontainers.runc.", "com.github.containers.", "dev.gvisor.",
    ];

    // Podman gives these to every container. Only systemd reads them, and it doesn't manage Stasis's containers.
    private static readonly string[] Plain = ["org.systemd.property.KillSignal", "org.systemd.property.TimeoutStopUSec"];

    // runc keeps annotations as labels "KEY=VALUE" among its own, and takes the first of two. Its own label
    // "bundle" says where the spec is (libcontainer/utils: SearchLabels).
    private static bool IsLabel(string key) => key == "bundle" || key.Contains('=', StringComparison.Ordinal);

    public static IEnumerable<Finding> Check(VettingSubject subject) =>
        from annotation in subject.Spec.Annotations ?? new Dictionary<string, string>()
        where !Plain.Contains(annotation.Key)
            && (ActedOn.Any(prefix => annotation.Key.StartsWith(prefix, StringComparison.OrdinalIgnoreCase)) || IsLabel(annotation.Key))
        let exact = $"{annotation.Key}={annotation.Value}"
        select FindingFactory.Refused(
            Rule,
            $"spec.dump: annotations[{annotation.Key}]",
            exact,
            annotation.Key == Annotations.CriuConfig
                ? "a configuration file for CRIU; it isn't used, even if it is allowed"
                : "an annotation that the runtime acts on",
            exact);
}

internal static partial class ReferenceCheckList
{
    internal static readonly PolicyCheck Annotation = Add(new(210, AnnotationRule.Check, AnnotationRule.Rule));
}
