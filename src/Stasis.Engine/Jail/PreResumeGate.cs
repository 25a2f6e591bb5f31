using System.Globalization;
using System.Text;
using Microsoft.Win32.SafeHandles;
using Stasis.Linux.Files;

namespace Stasis.Engine.Jail;

/// <summary>
/// A place in CRIU's restore at which everything is there and nothing has run: CRIU calls its action script with <c>pre-resume</c> (CRIU:
/// Documentation/criu.txt), and the script waits here for permission to go on. If the process that gives permission is dead, the script
/// kills the container's first process.
/// </summary>
internal sealed class PreResumeGate : IDisposable
{
    private const string ReachedName = "reached", LeaveName = "leave", Leave = "go";

    private readonly FileStream _reached;
    private readonly FileStream _leave;

    private PreResumeGate(FileStream reached, FileStream leave) => (_reached, _leave) = (reached, leave);

    /// <summary>The lines of the action script; it is run at every step of a restore.</summary>
    /// <param name="folder">The folder of the gate's FIFOs, as CRIU sees it.</param>
    public static string GetScript(string folder) => $"""
        if [ "$CRTOOLS_SCRIPT_ACTION" = pre-resume ]; then
          exec 3<{folder}/{LeaveName}
          echo "$CRTOOLS_INIT_PID" >{folder}/{ReachedName}
          read -r answer <&3
          [ "$answer" = {Leave} ] || kill -9 "$CRTOOLS_INIT_PID"
        fi

        """;

    /// <summary>Makes the gate's FIFOs in a folder of the jail.</summary>
    /// <param name="folder">The folder as seen from outside.</param>
    public static PreResumeGate Create(string folder)
    {
        Fifo.Replace(Path.Combine(folder, ReachedName));
        Fifo.Replace(Path.Combine(folder, LeaveName));
        return new PreResumeGate(Open(folder, ReachedName), Open(folder, LeaveName));
    }

    /// <summary>Readable when CRIU is there.</summary>
    public SafeFileHandle Reached => _reached.SafeFileHandle;

    /// <summary>Waits until CRIU is there.</summary>
    /// <returns>PID of the container's first process.</returns>
    public int ReadPid()
    {
        var buffer = new byte[64];
        var length = _reached.Read(buffer);
        return int.Parse(Encoding.ASCII.GetString(buffer, 0, length).Trim(), CultureInfo.InvariantCulture);
    }

    /// <summary>Lets CRIU go on: the container runs.</summary>
    public void Release() => _leave.Write(Encoding.ASCII.GetBytes(Leave + "\n"));

    public void Dispose()
    {
        _reached.Dispose();
        _leave.Dispose();
    }

    // For both directions: neither end then waits for another to open it.
    private static FileStream Open(string folder, string name) =>
        new(Path.Combine(folder, name), FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite, bufferSize: 0);
}
