using System.Collections;
using Stasis.Engine.Errors;

namespace Stasis.Engine.Oci;

/// <summary>The environment of conmon, runtimes and CRIU.</summary>
internal static class RuntimeEnvironment
{
    /// <summary>Where eng/setup.sh puts a CRIU when the system's own does not work.</summary>
    private const string PrivateBin = "/usr/local/lib/stasis/bin";

    // conmon and runc would take a socket or descriptors of the caller for the container's (sd_notify, socket activation).
    private static readonly string[] Withheld =
        ["PATH", "NOTIFY_SOCKET", "LISTEN_FDS", "LISTEN_PID", "LISTEN_FDNAMES", "DBUS_SESSION_BUS_ADDRESS"];

    /// <summary>
    /// Builds the caller's environment with the folder of the CRIU to use first on PATH, where runtimes find CRIU by its name.
    /// </summary>
    /// <exception cref="StasisException">$STASIS_CRIU is no path of a program named criu.</exception>
    public static IReadOnlyList<string> Build()
    {
        var inherited = Environment.GetEnvironmentVariables().Cast<DictionaryEntry>()
            .Where(variable => !Withheld.Contains((string)variable.Key))
            .Select(variable => $"{variable.Key}={variable.Value}");
        return [.. inherited, $"PATH={SearchPath()}"];
    }

    /// <summary>Returns the value of PATH in an environment.</summary>
    public static string GetPath(IReadOnlyList<string> environment) =>
        environment.Last(variable => variable.StartsWith("PATH=", StringComparison.Ordinal))["PATH=".Length..];

    /// <summary>An environment with another folder first on PATH.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="environment">The environment; null for this process's.</param>
    public static IReadOnlyList<string> WithFirst(string folder, IReadOnlyList<string>? environment)
    {
        environment ??= [.. Environment.GetEnvironmentVariables().Cast<DictionaryEntry>().Select(entry => $"{entry.Key}={entry.Value}")];
        var others = environment.Where(variable => !variable.StartsWith("PATH=", StringComparison.Ordinal));
        return [.. others, $"PATH={folder}:{GetPath(environment)}"];
    }

    private static string SearchPath()
    {
        var path = Environment.GetEnvironmentVariable("PATH") is { Length: > 0 } set
            ? set
            : "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
        path = $"{PrivateBin}:{path}";
        if (Environment.GetEnvironmentVariable("STASIS_CRIU") is not { Length: > 0 } criu)
            return path;
        if (Path.GetFileName(criu) != "criu" || !File.Exists(criu))
            throw new StasisException($"STASIS_CRIU={criu}: not the path of a program named criu")
            {
                Remedy = "runtimes look for a program of exactly that name; put a link named criu into a folder of its own",
            };
        return $"{Path.GetDirectoryName(Path.GetFullPath(criu))}:{path}";
    }
}
