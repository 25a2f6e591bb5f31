using Stasis.Engine.Containers.Exec;
using Stasis.Engine.Containers.Supervision;
using Stasis.Engine.Errors;

namespace Stasis.Engine.Containers;

public sealed partial class ContainerManager
{
    /// <summary>
    /// Runs a command in a running container, with the caller's stdio, and returns the command's exit code; a detached command
    /// returns 0 at once. Signals that reach the caller are passed on, or at a terminal keys. Cancelling ends the attachment, not
    /// the command.
    /// </summary>
    /// <exception cref="StasisException">
    /// The command can't be run. The exit code is 126 or 127 if the command itself is to blame.
    /// </exception>
    public async Task<int> ExecAsync(string nameOrId, ExecOptions options, CancellationToken cancellationToken = default)
    {
        if (options.Command is [])
            throw new StasisException("must provide a non-empty command to start an exec session: invalid argument");
        // The lock is held only until the command runs. So no command begins while the container is being checkpointed.
        var container = await LockAsync(nameOrId, TransitionVerb.Exec, cancellationToken);
        // Not earlier: a signal can end a caller that waits for the lock.
        using var signals = options.Tty || options.Detach ? null : new SignalProxy();
        ExecSession session;
        using (container)
            session = await ExecSession.StartAsync(container, options, cancellationToken);
        using (session)
        {
            signals?.ForwardTo(session.Pid);
            return await session.WaitForExitAsync(cancellationToken);
        }
    }
}
