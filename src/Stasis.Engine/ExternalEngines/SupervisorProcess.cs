using System.Globalization;

namespace Stasis.Engine.ExternalEngines;

/// <summary>
/// A process of an engine that supervises containers. What it was started with names files that are obeyed, so it must be this host's own:
/// a process of a container may call itself by any name.
/// </summary>
internal sealed class SupervisorProcess
{
    // A container has others of at least one kind, unless it was given the host's, and with them the host.
    private static readonly string[] Namespaces = ["pid", "mnt", "user"];

    private readonly string _folder;
    private readonly string[] _arguments;

    private SupervisorProcess(int pid, string folder, string[] arguments) => (Pid, _folder, _arguments) = (pid, folder, arguments);

    /// <summary>Its PID.</summary>
    public int Pid { get; }

    /// <summary>Its arguments.</summary>
    public IReadOnlyList<string> Arguments => _arguments;

    /// <summary>Its working directory; null if it has ended.</summary>
    public string? WorkingDirectory => TryRead(() => new FileInfo(Path.Combine(_folder, "cwd")).LinkTarget);

    /// <summary>Finds those of this process's own namespaces whose names begin so.</summary>
    public static IReadOnlyList<SupervisorProcess> Find(string name)
    {
        var own = ReadNamespaces("/proc/self");
        return
        [
            .. from folder in Directory.EnumerateDirectories("/proc")
               let process = TryFind(folder, name)
               where process is not null && ReadNamespaces(folder) is { } spaces && spaces.SequenceEqual(own!)
               select process,
        ];
    }

    /// <summary>The value that follows an option among the arguments; null without it.</summary>
    public string? FindOption(string option) =>
        Array.IndexOf(_arguments, option) is >= 0 and var index && index + 1 < _arguments.Length ? _arguments[index + 1] : null;

    private static SupervisorProcess? TryFind(string folder, string name) =>
        int.TryParse(Path.GetFileName(folder), NumberStyles.None, CultureInfo.InvariantCulture, out var pid)
        && TryRead(() => File.ReadAllText(Path.Combine(folder, "comm")))?.StartsWith(name, StringComparison.Ordinal) == true
        && TryRead(() => File.ReadAllText(Path.Combine(folder, "cmdline"))) is { Length: > 0 } arguments
            ? new SupervisorProcess(pid, folder, arguments.Split('\0')[..^1]) : null;

    private static string?[]? ReadNamespaces(string folder) =>
        TryRead(() => Array.ConvertAll(Namespaces, space => new FileInfo(Path.Combine(folder, "ns", space)).LinkTarget));

    // Null if the process has ended.
    private static T? TryRead<T>(Func<T> read)
        where T : class?
    {
        try
        {
            return read();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
