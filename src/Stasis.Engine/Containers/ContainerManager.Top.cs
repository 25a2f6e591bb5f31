using Stasis.Engine.Containers.Supervision;
using Stasis.Engine.Errors;
using Stasis.Linux;
using Stasis.Linux.Processes;

namespace Stasis.Engine.Containers;

public sealed partial class ContainerManager
{
    // Podman's columns (libpod/container_top_linux.go), by their names in ps.
    private static readonly string[] TopColumns = ["user", "pid", "ppid", "pcpu", "etime", "tty", "time", "args"];

    /// <summary>
    /// Lists the processes of a container as ps(1) prints them: a header line, and a line for each process. PIDs are the host's.
    /// </summary>
    /// <param name="nameOrId">The container: its name, its ID or a unique prefix of its ID.</param>
    /// <param name="descriptors">Columns, by their names in ps; Podman's default columns if empty.</param>
    /// <param name="cancellationToken">Stops ps.</param>
    public async Task<IReadOnlyList<string>> TopAsync(
        string nameOrId, IReadOnlyList<string> descriptors, CancellationToken cancellationToken = default)
    {
        var container = Get(nameOrId);
        Transitions.Require(TransitionVerb.Top, container);
        var columns = string.Join(',', descriptors.Count == 0 ? TopColumns : descriptors);
        // The first process is named even where cgroups can't be read. ps leaves out processes that have ended.
        var processes = string.Join(',', ContainerCgroup.Processes(container).Append(container.State.Pid).Distinct());
        try
        {
            var command = new SpawnOptions { Program = "ps", Arguments = ["-o", columns, "-p", processes] };
            var ps = await _engine.Log.Programs.RunAsync(command, TimeSpan.FromSeconds(30), cancellationToken);
            return ps.ExitCode == 0
                ? ps.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries)
                : throw new StasisException($"ps -o {columns}: {ps.Error.Trim()}") { Remedy = "ps L lists the names of columns" };
        }
        catch (LinuxException e) when (e.Errno == Errno.ENOENT)
        {
            throw new StasisException("ps: not found on PATH", e) { Remedy = "install procps" };
        }
    }
}
