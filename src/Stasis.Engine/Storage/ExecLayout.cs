namespace Stasis.Engine.Storage;

/// <summary>The paths of one exec session: a command that runs in a container beside its first process.</summary>
/// <param name="Directory">The session's folder, under the run root. conmon's attach socket and control FIFO are in it.</param>
internal readonly record struct ExecLayout(string Directory)
{
    /// <summary>The command as the runtime takes it (runtime-spec: process), JSON.</summary>
    public string ProcessSpec => Path.Combine(Directory, "process.json");

    /// <summary>The runtime's log: one JSON object per line.</summary>
    public string RuntimeLog => Path.Combine(Directory, "runtime.log");

    /// <summary>PID of the command, written by the runtime.</summary>
    public string PidFile => Path.Combine(Directory, "pidfile");

    /// <summary>PID of the session's conmon.</summary>
    public string ConmonPidFile => Path.Combine(Directory, "conmon.pid");
}
