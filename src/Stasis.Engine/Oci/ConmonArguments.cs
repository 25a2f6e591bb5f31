namespace Stasis.Engine.Oci;

/// <summary>conmon's command line (containers/conmon: src/cli.c).</summary>
internal static class ConmonArguments
{
    /// <summary>
    /// Arguments for a container. conmon builds the runtime's command line from them: <c>create</c>, or with <c>--restore</c> the runtime's
    /// <c>restore</c> of those images, with each <c>--runtime-opt</c> as a further flag.
    /// </summary>
    public static IReadOnlyList<string> ForContainer(Runtime runtime, RuntimeLog log, ConmonRequest request)
    {
        var (container, paths) = (request.Container, request.Paths);
        List<string> arguments =
        [
            .. GetCommon(
                runtime,
                request.RuntimeCommand ?? [runtime.Path],
                log,
                paths.Id,
                paths.Id,
                paths.Bundle,
                paths.PidFile,
                paths.ConmonPidFile),
            "--exit-dir", paths.ExitDirectory,
            "--persist-dir", paths.PersistDirectory,
            "--log-path", $"k8s-file:{paths.Log}",
        ];
        if (container.Spec.Process?.Terminal == true)
            arguments.Add("--terminal");
        else if (container.Config.Stdin == true)
            arguments.Add("--stdin");
        if (request.Restore is { } restore)
        {
            arguments.AddRange(["--restore", restore.Images]);
            foreach (var flag in restore.Flags)
                arguments.AddRange(["--runtime-opt", flag]);
        }
        arguments.AddRange(["--exit-command", request.ExitCommand[0]]);
        foreach (var argument in request.ExitCommand.Skip(1))
            arguments.AddRange(["--exit-command-arg", argument]);
        return arguments;
    }

    /// <summary>Arguments that a container's conmon and an exec session's have in common.</summary>
    /// <param name="runtime">The runtime to run.</param>
    /// <param name="command">Program and first arguments: the runtime's path alone, or what is run in its place.</param>
    /// <param name="log">Where the runtime logs.</param>
    /// <param name="id">The container's ID.</param>
    /// <param name="session">The exec session's ID, or the container's again.</param>
    /// <param name="bundle">Folder for the attach socket and the control FIFO.</param>
    /// <param name="pidFile">Where the runtime writes the PID of the process that it creates.</param>
    /// <param name="conmonPidFile">Where conmon writes its own PID.</param>
    public static IReadOnlyList<string> GetCommon(
        Runtime runtime,
        IReadOnlyList<string> command,
        RuntimeLog log,
        string id,
        string session,
        string bundle,
        string pidFile,
        string conmonPidFile) =>
    [
        "--api-version",
        "--cid", id,
        "--cuuid", session,
        "--runtime", command[0],
        "--bundle", bundle,
        "--container-pidfile", pidFile,
        "--conmon-pidfile", conmonPidFile,
        "--full-attach",
        "--log-level", "warning",
        .. command.Skip(1).Concat(runtime.GetGlobalArguments(log)).SelectMany(argument => (string[])["--runtime-arg", argument]),
    ];
}
