using Stasis.Engine.Containers;
using Stasis.Engine.Errors;
using Stasis.Engine.Model;

namespace Stasis.Engine.Checkpoints;

/// <summary>What a restore was asked to do in the container as soon as that runs: to tell a program that it is a copy now.</summary>
internal static class PostRestoreActions
{
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
