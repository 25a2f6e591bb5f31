namespace Stasis.Engine.Model;

/// <summary>Status of a container, in Podman's words; <c>ps</c> and <c>inspect</c> show them in lower case.</summary>
public enum ContainerStatus
{
    /// <summary>Created, and never started.</summary>
    Created,
    /// <summary>The processes run.</summary>
    Running,
    /// <summary>The processes are frozen.</summary>
    Paused,
    /// <summary>The first process has ended, or was checkpointed (see <see cref="ContainerState.Checkpointed"/>).</summary>
    Exited,
    /// <summary>A removal has begun, and can only be completed.</summary>
    Removing,
}
