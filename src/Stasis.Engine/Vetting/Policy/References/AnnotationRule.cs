using Stasis.Engine.Model;
using Stasis.Engine.Vetting.Findings;

namespace Stasis.Engine.Vetting.Policy.References;

/// <summary>
/// Annotations that runtimes or CRIU act on (runc: features; crun: container.c, known_annotations and its handlers; CDI). org.criu.config is never passed on, even
/// where it is allowed: Stasis has a configuration file of its own. Others mean nothing to a runtime.
/// </summary>
internal static class AnnotationRule
{
    private static readonly string[] ActedOn =
        ["org.criu.", "run.oci.", "org.systemd.property.", "cdi.k8s.io/", "io.kubernetes.cri", "io.katacontainers.", "module.wasm.", "org.opencontainers.runc.", "com.github.containers.", "dev.gvisor."];

    // Podman's, of every container: they mean something to systemd alone, which Stasis's containers aren't under.
    private static readonly string[] Plain = ["org.systemd.property.KillSignal", "org.systemd.property.TimeoutStopUSec"];

    // runc keeps annotations as labels "KEY=VALUE" beside its own, of which "bundle" says where a container's spec lies, and takes the first (libcontainer/utils: SearchLabels).
    private static bool IsLabel(string key) => key == "bundle" || key.Contains('=', StringComparison.Ordinal);

    public static IEnumerable<Finding> Check(VettingSubject subject) =>
        from annotation in subject.Spec.Annotations ?? new Dictionary<string, string>()
        where !Plain.Contains(annotation.Key) && (ActedOn.Any(prefix => annotation.Key.StartsWith(prefix, StringComparison.OrdinalIgnoreCase)) || IsLabel(annotation.Key))
        let exact = $"{annotation.Key}={annotation.Value}"
        select FindingFactory.Refused("annotation", $"spec.dump: annotations[{annotation.Key}]", exact,
            annotation.Key == Annotations.CriuConfig ? "a configuration file for CRIU; it isn't used, even if it is allowed" : "an annotation that the runtime acts on", exact);
}
