using System.Text;
using Stasis.Linux;
using Stasis.Linux.Processes;

namespace Stasis.Engine.RuntimeCommand;

/// <summary>
/// The OCI runtime <c>stasis-runtime</c>: the stasis program under that name, with runc's command line. It restores a container whose
/// bundle names a checkpoint. Everything else is the runtime's: this process becomes the runtime, before anything is set up.
/// </summary>
public static class RuntimeProgram
{
    /// <summary>The name that makes the stasis program an OCI runtime.</summary>
    public const string Name = "stasis-runtime";

    private const int Failure = 1;

    /// <summary>Whether a program's arguments are of this runtime, by the name that it was started by.</summary>
    /// <param name="arguments">All arguments, byte for byte (<see cref="ProgramArguments.Read"/>).</param>
    public static bool IsNamedBy(IReadOnlyList<byte[]> arguments)
    {
        ReadOnlySpan<byte> called = arguments is [var first, ..] ? first : [];
        return called[(called.LastIndexOf((byte)'/') + 1)..].SequenceEqual("stasis-runtime"u8);
    }

    /// <summary>Runs a command line, or has the runtime run it in this process's place.</summary>
    /// <param name="arguments">All arguments, byte for byte.</param>
    /// <returns>The exit code; not if the runtime takes over.</returns>
    public static int Run(IReadOnlyList<byte[]> arguments)
    {
        var line = RuntimeCommandLine.Parse([.. arguments.Skip(1).Select(Encoding.UTF8.GetString)]);
        try
        {
            var settings = RuntimeSettings.Read();
            if (FindCheckpoint(line) is { } checkpoint)
                throw new IOException($"{checkpoint.Source}: checkpoints can't be restored yet");
            PassOn(settings.Runtime, arguments);
            return Failure;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            RuntimeErrors.Report(line, e.Message);
            return Failure;
        }
    }

    private static BundleCheckpoint? FindCheckpoint(RuntimeCommandLine line) =>
        line.Verb is "create" or "run" ? BundleCheckpoint.Find(line.Bundle) : null;

    private static void PassOn(string runtime, IReadOnlyList<byte[]> arguments)
    {
        var path = ExecutablePath.Find(runtime)
            ?? throw new LinuxException("exec", runtime, Errno.ENOENT);
        if (File.ResolveLinkTarget(path, returnFinalTarget: true)?.FullName is var real && (real ?? path) == Environment.ProcessPath)
            throw new IOException($"the runtime {runtime} is {Name} itself: name runc or crun in {RuntimeSettings.File} or $STASIS_RUNTIME");
        ProgramReplacement.Run(path, [Encoding.UTF8.GetBytes(runtime), .. arguments.Skip(1)]);
    }
}
