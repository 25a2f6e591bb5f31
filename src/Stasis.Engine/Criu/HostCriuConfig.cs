using Stasis.Engine.Model;

namespace Stasis.Engine.Criu;

/// <summary>
/// The files with CRIU's options for all containers of a runtime, such as /etc/criu/runc.conf. Runtimes hand CRIU one file: the container's
/// own (<see cref="CriuConfig"/>) in place of these, which then have no effect. CRIU itself reads /etc/criu/default.conf in any case.
/// </summary>
internal static class HostCriuConfig
{
    private static readonly string[] Places = ["/etc/criu/runc.conf", "/etc/criu/crun.conf"];

    private const string Defaults = "/etc/criu/default.conf", UserDefaults = ".criu/default.conf";

    // What a dump has anyway, and what has an option of Stasis.
    private static readonly string[] Given = ["skip-in-flight", "tcp-skip-in-flight", "ghost-limit"];
    private static readonly Dictionary<string, string> Replaced = new()
    {
        ["tcp-established"] = "--tcp-established",
        ["tcp-close"] = "--tcp-close of restore",
        ["file-locks"] = "--file-locks",
        ["leave-running"] = "--leave-running",
        ["lazy-pages"] = "--lazy of restore",
    };

    /// <summary>Describes the files that are there and have options that Stasis wouldn't give CRIU anyway.</summary>
    public static IReadOnlyList<(string Path, string Problem, string Remedy)> Describe() => Describe(Places);

    /// <summary>Whether CRIU has options for everything that it does, which nobody here knows.</summary>
    public static bool HasDefaults() => ReadOptions(Defaults).Count > 0
        || (Environment.GetEnvironmentVariable("HOME") is { Length: > 0 } home && ReadOptions(Path.Combine(home, UserDefaults)).Count > 0);

    /// <summary>As the other, of any files.</summary>
    internal static IReadOnlyList<(string Path, string Problem, string Remedy)> Describe(IEnumerable<string> places) =>
    [
        .. from place in places
           let options = ReadOptions(place)
           where options.Count > 0
           select (place, DescribeProblem(options), Advise(options)),
    ];

    private static string DescribeProblem(List<string> options) =>
        $"Stasis gives CRIU a configuration of its own, so {string.Join(", ", options)} of this file has no effect";

    // One option a line, with a value or not, and comments after #.
    private static List<string> ReadOptions(string path)
    {
        if (!File.Exists(path))
            return [];
        try
        {
            return
            [
                .. from line in File.ReadLines(path)
                   let option = line.Split('#')[0].Trim().TrimStart('-').Split([' ', '\t', '='])[0]
                   where option.Length > 0 && !Given.Contains(option)
                   select option,
            ];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }

    private static string Advise(List<string> options)
    {
        var ours = options.Where(Replaced.ContainsKey).Select(option => Replaced[option]).Distinct().ToList();
        var rest = options.Where(option => !Replaced.ContainsKey(option)).Distinct().ToList();
        var advice = new List<string>();
        if (ours.Count > 0)
            advice.Add($"use {string.Join(", ", ours)}");
        if (rest.Count > 0)
        {
            advice.Add(
                $"for {string.Join(", ", rest)}, create the container with --annotation {Annotations.CriuConfig}=FILE: CRIU then gets that "
                + "file in place of Stasis's options");
        }
        return string.Join("; ", advice);
    }
}
