using System.CommandLine;
using Stasis.Engine.Errors;
using Stasis.Linux;
using Stasis.Linux.Processes;

namespace Stasis.Cli.Commands.Images;

/// <summary>Runs skopeo on this program's own input and output, so that it can ask for a password.</summary>
internal static class SkopeoLogin
{
    /// <summary>Runs it. Returns its exit code.</summary>
    public static async Task<int> RunAsync(Invocation run, IReadOnlyList<string> arguments)
    {
        try
        {
            using var skopeo = Spawn.Start(new SpawnOptions
            {
                Program = "skopeo",
                Arguments = arguments,
                Descriptors = Enumerable.Range(0, 3).ToDictionary(number => number, Terminal.Standard),
            });
            return await skopeo.WaitAsync(run.Cancellation);
        }
        catch (LinuxException e) when (e.Errno == Errno.ENOENT)
        {
            throw new MissingProgramException("skopeo", "skopeo, which logs in to registries, is not installed or not on PATH", e)
            {
                Remedy = "install it: apt-get install skopeo",
            };
        }
    }

    /// <summary>A flag as it was given.</summary>
    public static IEnumerable<string> Flag(Invocation run, Option<bool> flag) =>
        run.Has(flag) ? [$"{flag.Name}={(run.Get(flag) ? "true" : "false")}"] : [];

    /// <summary>An option as it was given.</summary>
    public static IEnumerable<string> Text(Invocation run, Option<string?> option) =>
        run.Get(option) is { } value ? [$"{option.Name}={value}"] : [];
}
