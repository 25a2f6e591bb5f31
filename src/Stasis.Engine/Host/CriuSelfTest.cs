using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Microsoft.Win32.SafeHandles;
using Stasis.Engine.Criu;
using Stasis.Linux;
using Stasis.Linux.Files;
using Stasis.Linux.Processes;

namespace Stasis.Engine.Host;

/// <summary>
/// Has CRIU dump and restore a process with a listening socket. Nothing less tells whether a CRIU works on a kernel:
/// some pass <c>criu check</c> and hang in a dump, or refuse a socket of a newer kernel.
/// </summary>
internal static class CriuSelfTest
{
    /// <summary>After this CRIU hangs. A dump of so small a process takes a tenth of a second.</summary>
    public static readonly TimeSpan TimeLimit = TimeSpan.FromSeconds(15);

    private const int SolSocket = 1;
    private const int SoReusePort = 15;

    private static readonly string[] Logs = ["restore.log", "dump.log"];

    // In namespaces of its own, so that all of it ends with it. The dumped process is reaped before the restore, which needs its PID.
    private const string Script =
        """
        criu=$1 images=$2
        now() { date +%s%N; }
        setsid sleep 1000 <&3 >/dev/null 2>&1 3<&- &
        pid=$!
        exec 3<&-
        begun=$(now)
        "$criu" dump -v2 -o dump.log -D "$images" -t $pid >/dev/null 2>&1 || exit 1
        wait $pid
        dumped=$(now)
        "$criu" restore -v2 -o restore.log -D "$images" -d >/dev/null 2>&1 || exit 1
        kill -0 $pid || exit 1
        echo -n $(((dumped - begun) / 1000000)) $((($(now) - dumped) / 1000000)) >"$images/times"
        """;

    public static async Task<CriuSelfTestResult> RunAsync(string criu, CancellationToken cancellation)
    {
        var images = Directory.CreateTempSubdirectory("stasis-proof-").FullName;
        try
        {
            var exitCode = await RunScriptAsync(criu, images, cancellation);
            var times = Path.Combine(images, "times");
            if (exitCode == 0 && File.Exists(times) && File.ReadAllText(times).Split(' ') is [var dump, var restore])
                return new CriuSelfTestResult(true, Milliseconds(dump), Milliseconds(restore), null);
            var silent = exitCode is null ? $"it did not end within {TimeLimit.TotalSeconds} s" : "it could not be started";
            return Failed(FirstError(images) ?? silent);
        }
        catch (LinuxException exception)
        {
            return Failed(exception.Message);
        }
        finally
        {
            FileTree.Remove(images);
        }
    }

    /// <summary>Its exit code, or null if it was killed for hanging.</summary>
    private static async Task<int?> RunScriptAsync(string criu, string images, CancellationToken cancellation)
    {
        using var child = Start(criu, images);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        limit.CancelAfter(TimeLimit);
        try
        {
            return await child.WaitAsync(limit.Token);
        }
        catch (OperationCanceledException)
        {
            child.Signal(Signals.Kill); // --kill-child has everything in the namespace go with it
            await child.WaitAsync(CancellationToken.None);
            cancellation.ThrowIfCancellationRequested();
            return null;
        }
    }

    // unshare keeps the socket too, so that its port must be one that CRIU can bind to a second time.
    private static ChildProcess Start(string criu, string images)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.SetRawSocketOption(SolSocket, SoReusePort, BitConverter.GetBytes(1));
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        socket.Listen();
        using var descriptor = new SafeFileHandle(socket.Handle, ownsHandle: false);
        return Spawn.Start(new SpawnOptions
        {
            Program = "unshare",
            Arguments =
            [
                "--mount", "--propagation", "private", "--pid", "--fork", "--kill-child", "--mount-proc",
                "sh", "-c", Script, "proof", criu, images,
            ],
            Descriptors = new Dictionary<int, SafeFileHandle> { [3] = descriptor },
            NewProcessGroup = true,
            WorkingDirectory = "/",
        });
    }

    private static long Milliseconds(string text) => long.Parse(text, CultureInfo.InvariantCulture);

    private static CriuSelfTestResult Failed(string error) => new(false, 0, 0, error);

    private static string? FirstError(string images) =>
        Logs.SelectMany(log => CriuLog.ErrorLines(Path.Combine(images, log))).FirstOrDefault();
}
