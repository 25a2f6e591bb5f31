namespace Stasis.Engine.Checkpoints.Preflight;

/// <summary>A process that has a socket open.</summary>
/// <param name="Pid">Its PID on this host.</param>
/// <param name="Descriptor">Its descriptor of the socket.</param>
internal readonly record struct SocketHolder(int Pid, int Descriptor)
{
    /// <summary>The process for messages.</summary>
    public override string ToString() => FormattableString.Invariant($"{ReadProgram()} (PID {Pid}, descriptor {Descriptor})");

    /// <summary>The process's name.</summary>
    public string ReadProgram()
    {
        try
        {
            return File.ReadAllText(FormattableString.Invariant($"/proc/{Pid}/comm")).Trim();
        }
        catch (IOException)
        {
            return "a process"; // it has ended
        }
    }
}
