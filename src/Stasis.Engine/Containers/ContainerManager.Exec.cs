using Stasis.Engine.Containers.Exec;
using Stasis.Engine.Containers.Supervision;
using Stasis.Engine.Errors;

namespace Stasis.Engine.Containers;

public sealed partial class ContainerManager
{
    /// <summary>
    /// Runs a command in it, with the caller's stdio, and gives the command's exit code (0 at once when detached). Signals that reach the caller are passed on
    /// (at a terminal, keys are). Cancelling ends the attachment, not the command.
    /// </summary>
    /// <exception cref="StasisException">The command can't be run; the exit code is 126 or 127 where it is to blame itself.</exception>
    public async Task<int> ExecAsync(string nameOrId, ExecOptions options, CancellationToken cancellation)
    {
        if (options.Command is [])
            throw new StasisException("must provide a non-empty command to start an exec session: invalid argument");
        // Under the lock only until the command runs: so none begins while the container is being checkpointed.
        var container = await LockAsync(nameOrId, Verb.Exec, cancellation);
        // Not before: who waits for that can be ended by a signal.
        using var signals = options.Tty || options.Detach ? null : new SignalProxy();
        ExecSession session;
        using (container)
            session = await ExecSession.StartAsync(container, options, cancellation);
        using (session)
        {
            signals?.ForwardTo(session.Pid);
            return await session.WaitForExitAsync(cancellation);
        }
    }
}
