using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using Stasis.Engine.Storage;
using Stasis.Linux;
using Stasis.Linux.Files;
using Stasis.Linux.Processes;

namespace Stasis.Engine.Criu;

/// <summary>
/// The version of a CRIU program. CRIU is started once to ask for it; the answer is cached under the run root, together with the
/// identity of the program file.
/// </summary>
internal static partial class CriuVersion
{
    /// <summary>The first version that knows <c>network-lock skip</c>.</summary>
    public static readonly Version LockSkip = new(3, 19);

    private static readonly TimeSpan TimeLimit = TimeSpan.FromSeconds(5);

    /// <summary>The version of a program; null if it can't be told, which is no error.</summary>
    public static async Task<Version?> GetAsync(string criu, Layout layout, CancellationToken cancellation)
    {
        var program = FileStatus.Read(new FileInfo(criu).ResolveLinkTarget(returnFinalTarget: true)?.FullName ?? criu);
        var key = string.Create(CultureInfo.InvariantCulture,
            $"{criu} {program.ContainingDevice} {program.Inode} {program.Size} {program.ChangedSeconds}.{program.ChangedNanoseconds}");
        if (File.Exists(layout.CriuVersion) && File.ReadAllText(layout.CriuVersion).Split('\n') is [var known, var version] && known == key)
            return Version.TryParse(version, out var cached) ? cached : null;
        var answer = await AskAsync(criu, cancellation);
        AtomicFile.Write(layout.CriuVersion, Encoding.UTF8.GetBytes($"{key}\n{answer}"), durable: false);
        return answer;
    }

    private static async Task<Version?> AskAsync(string criu, CancellationToken cancellation)
    {
        try
        {
            var result = await Spawn.RunAsync(new SpawnOptions { Program = criu, Arguments = ["--version"] }, TimeLimit, cancellation);
            return Version.TryParse(Number().Match(result.Output).Value, out var version) ? version : null;
        }
        catch (Exception e) when (e is LinuxException or TimeoutException)
        {
            return null;
        }
    }

    [GeneratedRegex(@"\d+\.\d+(\.\d+)?", RegexOptions.CultureInvariant)]
    private static partial Regex Number();
}
