using Stasis.Engine.Containers;
using Stasis.Engine.Errors;
using Stasis.Engine.Model;

namespace Stasis.Engine.Checkpoints;

/// <summary>
/// Sends a signal to a restored container, and runs a command in it, as soon as it runs: so its program learns that it is a copy.
/// </summary>
internal static class PostRestoreActions
{
    /// <summary>Does what <see cref="RestoreOptions.Signal"/> and <see cref="RestoreOptions.Exec"/> ask for.</summary>
    /// <exception cref="StasisException">The container doesn't run any more, or the command's exit code isn't 0.</exception>
    public static async Task RunAsync(StasisEngine engine, Container container, RestoreOptions options, CancellationToken cancellation)
    {
        if (options.Signal is { } signal)
            await engine.Containers.KillAsync(container.Id, signal, cancellation);
        if (options.Exec is not { } command)
            return;
        var code = await engine.Containers.ExecAsync(container.Id, new ExecOptions { Command = ["sh", "-c", command] }, cancellation);
        if (code != 0)
            throw new StasisException($"--exec in container {container.Name}: exit code {code}: {command}");
    }
}
