using Microsoft.Win32.SafeHandles;
using Stasis.Engine.Logging;
using Stasis.Linux.Network;
using Stasis.Linux.Processes;

namespace Stasis.Engine.LazyPages;

/// <summary>Starts page servers.</summary>
internal static class PageServerProcess
{
    private const int StandardError = 2;

    /// <summary>Starts a page server. When this returns, restores can connect. The caller holds the folder's lock.</summary>
    /// <param name="folder">The server's folder.</param>
    /// <param name="command">Program and arguments.</param>
    /// <param name="archive">The archive that pages are read from; null if the checkpoint is complete.</param>
    /// <param name="backfillLock">The lock on that, which goes to the server; null if the checkpoint is complete.</param>
    /// <param name="commands">Where the command line is logged.</param>
    public static void Start(
        PageServerFolder folder,
        IReadOnlyList<string> command,
        SafeFileHandle? archive,
        SafeFileHandle? backfillLock,
        LoggedProgramRunner commands)
    {
        using var listener = UnixSocket.Listen(folder.Control);
        using var log = File.OpenHandle(folder.Log, FileMode.Create, FileAccess.Write);
        var descriptors = new PageServerDescriptors(listener.Handle, archive, backfillLock).ToChildDescriptors();
        descriptors.Add(StandardError, log);
        using var process = commands.Start(new SpawnOptions
        {
            Program = command[0],
            Arguments = [.. command.Skip(1)],
            WorkingDirectory = "/",
            Descriptors = descriptors,
            NewSession = true,
            NewSessionKeyring = true,
        });
    }
}
