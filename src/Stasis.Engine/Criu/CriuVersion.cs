using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using Stasis.Engine.Storage;
using Stasis.Linux;
using Stasis.Linux.Files;
using Stasis.Linux.Processes;

namespace Stasis.Engine.Criu;

/// <summary>
/// Which version a CRIU is. It is asked once: the answer is kept under the run root, with the program file that gave it, so that a command that needs to know doesn't start CRIU once more.
/// </summary>
internal static partial class CriuVersion
{
    /// <summary>The first that knows <c>network-lock skip</c>.</summary>
    public static readonly Version LockSkip = new(3, 19);

    private static readonly TimeSpan TimeLimit = TimeSpan.FromSeconds(5);

    /// <summary>The version of the program; null if it doesn't say, which fails nothing.</summary>
    public static async Task<Version?> OfAsync(string criu, Layout layout, CancellationToken cancellation)
    {
        var program = FileStatus.Read(new FileInfo(criu).ResolveLinkTarget(returnFinalTarget: true)?.FullName ?? criu);
        var key = string.Create(CultureInfo.InvariantCulture, $"{criu} {program.ContainingDevice} {program.Inode} {program.Size} {program.ChangedSeconds}.{program.ChangedNanoseconds}");
        if (File.Exists(layout.CriuVersion) && File.ReadAllText(layout.CriuVersion).Split('\n') is [var known, var version] && known == key)
            return Version.TryParse(version, out var kept) ? kept : null;
        var asked = await AskAsync(criu, cancellation);
        AtomicFile.Write(layout.CriuVersion, Encoding.UTF8.GetBytes($"{key}\n{asked}"), durable: false);
        return asked;
    }

    private static async Task<Version?> AskAsync(string criu, CancellationToken cancellation)
    {
        try
        {
            var said = await Spawn.RunAsync(new SpawnOptions { Program = criu, Arguments = ["--version"] }, TimeLimit, cancellation);
            return Version.TryParse(Number().Match(said.Output).Value, out var version) ? version : null;
        }
        catch (Exception e) when (e is LinuxException or TimeoutException)
        {
            return null;
        }
    }

    [GeneratedRegex(@"\d+\.\d+(\.\d+)?", RegexOptions.CultureInvariant)]
    private static partial Regex Number();
}
