namespace Stasis.Engine.Model;

/// <summary>Annotations of the spec that Stasis or Podman interpret (Podman: pkg/annotations, libpod/define/annotations.go).</summary>
public static class Annotations
{
    /// <summary>"TRUE": remove the container when it ends.</summary>
    public const string AutoRemove = "io.podman.annotations.autoremove";

    /// <summary>Path of a CRIU configuration file that runc and crun hand to CRIU.</summary>
    public const string CriuConfig = "org.criu.config";

    /// <summary>"TRUE": run an init process (--init).</summary>
    public const string Init = "io.podman.annotations.init";

    /// <summary>"TRUE": the container is privileged.</summary>
    public const string Privileged = "io.podman.annotations.privileged";
}
