using Microsoft.Win32.SafeHandles;
using Stasis.Engine.Logging;
using Stasis.Linux.Events;
using Stasis.Linux.Processes;

namespace Stasis.Engine.LazyPages;

/// <summary>Starts page servers. The caller holds the folder's lock.</summary>
internal static class PageServerProcess
{
    /// <summary>The listening socket, as the server's descriptor.</summary>
    public const int Control = 3;

    /// <summary>The archive that pages come from, where they aren't all there; its lock is the descriptor after it.</summary>
    public const int Archive = 4;

    /// <summary>The lock of who reads them, which the server holds on.</summary>
    public const int FillingLock = 5;

    /// <summary>Starts one. Restores can connect when this returns.</summary>
    /// <param name="folder">Its folder.</param>
    /// <param name="command">Program and arguments.</param>
    /// <param name="descriptors">Descriptors that it gets beside <see cref="Control"/>.</param>
    /// <param name="commands">Where its command line is logged.</param>
    public static void Start(PageServerFolder folder, IReadOnlyList<string> command, IReadOnlyDictionary<int, SafeFileHandle> descriptors, CommandLog commands)
    {
        using var listener = UnixSocket.Listen(folder.Control);
        using var log = File.OpenHandle(folder.Log, FileMode.Create, FileAccess.Write);
        using var process = commands.Start(new SpawnOptions
        {
            Program = command[0],
            Arguments = [.. command.Skip(1)],
            WorkingDirectory = "/",
            Descriptors = new Dictionary<int, SafeFileHandle>(descriptors) { [2] = log, [Control] = listener.Handle },
            NewSession = true,
            NewSessionKeyring = true,
        });
    }
}
