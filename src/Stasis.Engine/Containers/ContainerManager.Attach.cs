using Stasis.Engine.Containers.Exec;
using Stasis.Engine.Containers.Supervision;
using Stasis.Engine.Errors;

namespace Stasis.Engine.Containers;

public sealed partial class ContainerManager
{
    /// <summary>
    /// Attaches the caller's stdio to a running container until the container ends, and returns its exit code. If the user types
    /// the detach keys, the container runs on and the code is 0. Cancelling ends the attachment, not the container.
    /// </summary>
    /// <exception cref="InvalidStateException">The container is not running.</exception>
    public Task<int> AttachAsync(string nameOrId, AttachOptions options, CancellationToken cancellationToken = default) =>
        RunAttachedAsync(nameOrId, TransitionVerb.Attach, options, cancellationToken);

    /// <summary>
    /// Starts a container with the caller's stdio attached, and returns its exit code; attaches to a container that runs already.
    /// Signals that reach the caller are passed on, or at a terminal keys. If the user types ctrl-p ctrl-q, the container runs on
    /// and the code is 0.
    /// </summary>
    /// <exception cref="StasisException">
    /// The container can't be started. The exit code is 126 or 127 if its command is to blame.
    /// </exception>
    /// <param name="nameOrId">The container: its name, its ID or a unique prefix of its ID.</param>
    /// <param name="discardCheckpoint">As for <see cref="StartAsync(string, bool, CancellationToken)"/>.</param>
    /// <param name="cancellationToken">A cancelled call ends the attachment. A container that has started runs on.</param>
    public Task<int> StartAttachedAsync(string nameOrId, bool discardCheckpoint, CancellationToken cancellationToken = default) =>
        RunAttachedAsync(
            nameOrId, discardCheckpoint ? TransitionVerb.StartAnew : TransitionVerb.Start, new AttachOptions(), cancellationToken);

    private async Task<int> RunAttachedAsync(
        string nameOrId, TransitionVerb verb, AttachOptions options, CancellationToken cancellationToken)
    {
        var keys = DetachKeys.Parse(options.DetachKeys);
        AttachedStdio? stdio = null;
        SignalProxy? signals = null;
        try
        {
            string id;
            using (var container = await LockAsync(nameOrId, cancellationToken))
            {
                id = container.Id;
                var tty = container.Container.Spec.Process?.Terminal == true;
                var input = container.Container.Config.Stdin == true && !options.NoStdin;
                if (!tty && options.SignalProxy)
                    signals = new SignalProxy();
                if (Transitions.Require(verb, container.Container) && verb != TransitionVerb.Attach)
                    await StartAsync(container, AttachAsync, cancellationToken);
                else
                    await AttachAsync();
                signals?.ForwardTo(container.State.Pid);

                async Task AttachAsync() =>
                    stdio = await AttachedStdio.ConnectAsync(container.Paths.Bundle, tty, input, keys, cancellationToken);
            }
            return await stdio!.RunAsync(cancellationToken) ? await WaitAsync(id, cancellationToken) : 0;
        }
        finally
        {
            stdio?.Dispose();
            signals?.Dispose();
        }
    }
}
