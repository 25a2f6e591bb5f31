using Stasis.Engine.Oci;

namespace Stasis.Engine.RuntimeCommand;

/// <summary>
/// A command line of an OCI runtime, as engines write it: global flags, a verb, its flags and arguments. It takes what runc and crun take:
/// <c>--flag VALUE</c>, <c>--flag=VALUE</c>, one dash or two. A flag that isn't known here has no value.
/// </summary>
internal sealed record RuntimeCommandLine
{
    private static readonly string[] GlobalValues = ["root", "log", "log-format", "criu", "rootless", "cgroup-manager"];

    // Of create and run; "b" and "f" are short names.
    private static readonly string[] VerbValues =
        ["bundle", "b", "config", "f", "console-socket", "pid-file", "pidfd-socket", "preserve-fds"];

    private readonly Dictionary<string, string> _globals = [];
    private readonly Dictionary<string, string> _flags = [];

    /// <summary>The verb, as "create"; null if there is none, as with --version.</summary>
    public string? Verb { get; private init; }

    /// <summary>Global flags as they were given, to be passed on.</summary>
    public IReadOnlyList<string> GlobalArguments { get; private init; } = [];

    /// <summary>The arguments after the verb that aren't flags: the container's ID comes first.</summary>
    public IReadOnlyList<string> Operands { get; private init; } = [];

    /// <summary>The container's ID; null if there is none.</summary>
    public string? Id => Operands is [var id, ..] ? id : null;

    /// <summary>The runtime's <c>--root</c>, where it keeps its containers' state: its default if none is given.</summary>
    /// <param name="runtime">The runtime: name or path.</param>
    public string GetStateRoot(string runtime) => _globals.GetValueOrDefault("root") is { Length: > 0 } root ? Path.GetFullPath(root)
        : Runtime.IsCrun(runtime) ? "/run/crun" : "/run/runc";

    /// <summary>The file for errors that the engine reads; null if there is none.</summary>
    public string? Log => _globals.GetValueOrDefault("log");

    /// <summary>Whether errors in <see cref="Log"/> are JSON.</summary>
    public bool LogsJson => _globals.GetValueOrDefault("log-format") == "json";

    /// <summary>Whether systemd makes the container's cgroup.</summary>
    public bool UsesSystemdCgroup =>
        _globals.GetValueOrDefault("systemd-cgroup", "false") == "true" || _globals.GetValueOrDefault("cgroup-manager") == "systemd";

    /// <summary>The bundle's folder.</summary>
    public string Bundle => _flags.GetValueOrDefault("bundle") ?? _flags.GetValueOrDefault("b") ?? ".";

    /// <summary>Socket through which the engine gets the container's terminal; null if it has none.</summary>
    public string? ConsoleSocket => _flags.GetValueOrDefault("console-socket");

    /// <summary>File for the PID of the container's first process; null if the engine wants none.</summary>
    public string? PidFile => _flags.GetValueOrDefault("pid-file");

    /// <summary>Whether a verb's flag, which has no value, was given.</summary>
    public bool HasFlag(string name) => _flags.ContainsKey(name);

    /// <summary>Parses all arguments after the program's name. Whatever they are, there is a result.</summary>
    public static RuntimeCommandLine Parse(IReadOnlyList<string> arguments)
    {
        var (globals, flags, operands) = (new Dictionary<string, string>(), new Dictionary<string, string>(), new List<string>());
        var next = 0;
        while (next < arguments.Count && IsFlag(arguments[next]))
            next = Take(arguments, next, GlobalValues, globals);
        var (verb, begin) = (next < arguments.Count ? arguments[next] : null, next);
        next++;
        while (next < arguments.Count)
        {
            if (arguments[next] == "--")
            {
                operands.AddRange(arguments.Skip(next + 1));
                break;
            }
            if (IsFlag(arguments[next]))
                next = Take(arguments, next, VerbValues, flags);
            else
                operands.Add(arguments[next++]);
        }
        return new RuntimeCommandLine(globals, flags)
        {
            Verb = verb,
            GlobalArguments = [.. arguments.Take(begin)],
            Operands = operands,
        };
    }

    private RuntimeCommandLine(Dictionary<string, string> globals, Dictionary<string, string> flags) =>
        (_globals, _flags) = (globals, flags);

    private static bool IsFlag(string argument) => argument.Length > 1 && argument[0] == '-' && argument != "--";

    // Returns the index of the argument after the flag and its value.
    private static int Take(IReadOnlyList<string> arguments, int index, string[] withValue, Dictionary<string, string> found)
    {
        var text = arguments[index].TrimStart('-');
        if (text.IndexOf('=') is > 0 and var equals)
        {
            found[text[..equals]] = text[(equals + 1)..];
            return index + 1;
        }
        if (!withValue.Contains(text))
        {
            found[text] = "true";
            return index + 1;
        }
        found[text] = index + 1 < arguments.Count ? arguments[index + 1] : "";
        return index + 2;
    }
}
