using Stasis.Engine.Errors;
using Stasis.Engine.Model;

namespace Stasis.Engine.Containers.Supervision;

/// <summary>The table of verbs and container statuses: which verb is allowed in which status.</summary>
internal static class Transitions
{
    /// <summary>Returns the effect of a verb, and for a refused verb what the user can do instead ({0} is the container's name).</summary>
    public static (VerbEffect VerbEffect, string? Remedy) Get(TransitionVerb verb, ContainerStatus status) => (verb, status) switch
    {
        (TransitionVerb.Remove or TransitionVerb.ForceRemove, ContainerStatus.Removing) => (VerbEffect.Allowed, null),
        (_, ContainerStatus.Removing) => (VerbEffect.Refused, "its removal was begun and can only be completed: stasis rm {0}"),

        (TransitionVerb.Start or TransitionVerb.StartAnew or TransitionVerb.Restart, ContainerStatus.Created or ContainerStatus.Exited) =>
            (VerbEffect.Allowed, null),
        (TransitionVerb.Start or TransitionVerb.StartAnew, ContainerStatus.Running) => (VerbEffect.Done, null),
        (TransitionVerb.Start or TransitionVerb.StartAnew, ContainerStatus.Paused) =>
            (VerbEffect.Refused, "let it run again: stasis unpause {0}"),
        (TransitionVerb.Restart, ContainerStatus.Running or ContainerStatus.Paused) => (VerbEffect.Allowed, null),

        (TransitionVerb.Stop, ContainerStatus.Running or ContainerStatus.Paused) => (VerbEffect.Allowed, null),
        (TransitionVerb.Stop, ContainerStatus.Created or ContainerStatus.Exited) => (VerbEffect.Done, null),
        (TransitionVerb.Kill, ContainerStatus.Running or ContainerStatus.Paused) => (VerbEffect.Allowed, null),

        (TransitionVerb.Pause, ContainerStatus.Running) => (VerbEffect.Allowed, null),
        (TransitionVerb.Pause, ContainerStatus.Paused) =>
            (VerbEffect.Refused, "it is frozen already; let it run again: stasis unpause {0}"),
        (TransitionVerb.Unpause, ContainerStatus.Paused) => (VerbEffect.Allowed, null),
        (TransitionVerb.Unpause, ContainerStatus.Running) => (VerbEffect.Refused, "it runs; nothing is to be done"),

        (TransitionVerb.Remove, ContainerStatus.Created or ContainerStatus.Exited) => (VerbEffect.Allowed, null),
        (TransitionVerb.Remove, ContainerStatus.Running or ContainerStatus.Paused) =>
            (VerbEffect.Refused, "stop it (stasis stop {0}), or remove it with force (stasis rm -f {0})"),
        (TransitionVerb.ForceRemove, _) => (VerbEffect.Allowed, null),
        (TransitionVerb.Rename, _) => (VerbEffect.Allowed, null),

        (TransitionVerb.Exec or TransitionVerb.Attach or TransitionVerb.Checkpoint, ContainerStatus.Running) => (VerbEffect.Allowed, null),
        (TransitionVerb.Top, ContainerStatus.Running or ContainerStatus.Paused) => (VerbEffect.Allowed, null),
        (TransitionVerb.Exec or TransitionVerb.Attach or TransitionVerb.Checkpoint, ContainerStatus.Paused) =>
            (VerbEffect.Refused, "let it run again: stasis unpause {0}"),

        (TransitionVerb.Restore, ContainerStatus.Exited) => (VerbEffect.Allowed, null),
        (TransitionVerb.Restore, ContainerStatus.Created) =>
            (VerbEffect.Refused, "it never ran and has no checkpoint; start it: stasis start {0}"),
        (TransitionVerb.Restore, _) => (
            VerbEffect.Refused,
            "it runs; checkpoint it first (stasis container checkpoint {0}), "
            + "or restore its archive under another name (--import FILE --name NAME)"),

        (_, ContainerStatus.Created or ContainerStatus.Exited) => (VerbEffect.Refused, "start it: stasis start {0}"),
        _ => throw new ArgumentOutOfRangeException(nameof(verb), (verb, status), null),
    };

    /// <summary>Requires that the container's state allows a verb. Returns false if the verb has nothing to do.</summary>
    /// <exception cref="InvalidStateException">The verb is refused; the message has the status, the remedy what to do.</exception>
    public static bool Require(TransitionVerb verb, Container container)
    {
        var state = container.State;
        var (transition, remedy) = Get(verb, state.Status);
        var keepsCheckpoint = state is { Status: ContainerStatus.Exited, Checkpointed: true, CheckpointPath: not null };
        if (keepsCheckpoint && verb is TransitionVerb.Start or TransitionVerb.Restart)
        {
            throw Refusal(
                "it is checkpointed, and would begin anew",
                "bring it back: stasis container restore {0}; or give the checkpoint up: stasis start --discard-checkpoint {0}");
        }
        if (transition != VerbEffect.Refused)
            return transition == VerbEffect.Allowed;
        throw Refusal($"it is {ToText(state.Status)}", !state.Checkpointed ? remedy
            : keepsCheckpoint ? "it is checkpointed; bring it back: stasis container restore {0}"
            : "it is checkpointed into an archive; bring it back: stasis rm {0}, then stasis container restore --import FILE");

        InvalidStateException Refusal(string why, string? remedy) =>
            new($"cannot {ToText(verb)} container {container.Name}: {why}")
            {
                Remedy = remedy is null ? null : string.Format(null, remedy, container.Name),
            };
    }

    /// <summary>Returns the status as Podman prints it.</summary>
    public static string ToText(ContainerStatus status) => status switch
    {
        ContainerStatus.Created => "created",
        ContainerStatus.Running => "running",
        ContainerStatus.Paused => "paused",
        ContainerStatus.Exited => "exited",
        ContainerStatus.Removing => "removing",
        _ => throw new ArgumentOutOfRangeException(nameof(status), status, null),
    };

    private static string ToText(TransitionVerb verb) => verb switch
    {
        TransitionVerb.StartAnew => "start",
        TransitionVerb.Exec => "run a command in",
        TransitionVerb.Attach => "attach to",
        TransitionVerb.Top => "list the processes of",
        TransitionVerb.ForceRemove => "remove",
        _ => verb.ToString().ToLowerInvariant(),
    };
}
