namespace Stasis.EndToEndTests.Interop;

/// <summary>What a container does and has that must come through. Made anew for each cell.</summary>
public abstract class Workload
{
    /// <summary>Its row in docs/interop.md.</summary>
    public abstract string Title { get; }

    /// <summary>What is lost on the way, and not by Stasis.</summary>
    public virtual IReadOnlyList<Limit> Limits => [];

    /// <summary>Options of run.</summary>
    public virtual IReadOnlyList<string> RunOptions => [];

    /// <summary>A command that runs in the container beside the others, or null.</summary>
    public virtual string? Background => null;

    /// <summary>Options that both checkpoint and restore need.</summary>
    public virtual IReadOnlyList<string> MoveOptions => [];

    /// <summary>
    /// What Stasis is to allow to an archive of Podman's, because of <see cref="RunOptions"/> or of what it has made: all that a refusal
    /// names, as <c>--allow</c> says it, in that order.
    /// </summary>
    public virtual IReadOnlyList<string> Allowed => [];

    /// <summary>Volumes, which a restore makes anew.</summary>
    public virtual IReadOnlyList<string> Volumes => [];

    /// <summary>In the running container: brings it to where it is to be frozen, and notes what must come through.</summary>
    public abstract Task BeginAsync(Side side, string container);

    /// <summary>When the container is frozen and still there, exited.</summary>
    public virtual Task FrozenAsync(Side side, string container) => Task.CompletedTask;

    /// <summary>When the container is gone, and not yet restored.</summary>
    public virtual Task AwayAsync(Side next) => Task.CompletedTask;

    /// <summary>In the restored container: fails where something is other than it was.</summary>
    public abstract Task CheckAsync(Side side, string container);
}
