namespace Stasis.Engine.Model;

/// <summary>Where a container is in its life. Podman's words, as <c>ps</c> and <c>inspect</c> show them (in lower case).</summary>
public enum ContainerStatus
{
    /// <summary>Known and its files are there; never started.</summary>
    Created,
    /// <summary>Its processes run.</summary>
    Running,
    /// <summary>Its processes are frozen.</summary>
    Paused,
    /// <summary>Its first process has ended (or was checkpointed: see <see cref="ContainerState.Checkpointed"/>).</summary>
    Exited,
    /// <summary>Being removed; only a removal may go on.</summary>
    Removing,
}
