using System.Text;
using System.Text.Json;
using Stasis.Engine.Errors;
using Stasis.Engine.Storage;
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
    /// <param name="word">Words what a remedy suggests as commands.</param>
    /// <returns>The exit code; not if the runtime takes over.</returns>
    public static int Run(IReadOnlyList<byte[]> arguments, Func<RemedyPart, string> word)
    {
        var line = RuntimeCommandLine.Parse([.. arguments.Skip(1).Select(Encoding.UTF8.GetString)]);
        try
        {
            var settings = RuntimeSettings.Read();
            if (FindCheckpoint(line) is { } checkpoint && !RestartPolicy.TryStartFresh(line.Bundle))
                return Create(line, settings, checkpoint);
            if (line.Verb is "state" or "start" or "kill" or "checkpoint" or "delete"
                && RunOnRestored(line, settings, arguments) is { } code)
                return code;
            PassOn(ChooseRuntime(line, settings.Runtime), arguments);
            return Failure;
        }
        catch (Exception e)
            when (e is IOException or UnauthorizedAccessException or JsonException or InvalidDataException or StasisException)
        {
            RuntimeErrors.Report(line, e is StasisException { Remedy: { } remedy } ? $"{e.Message}; {remedy.ToString(word)}" : e.Message);
            return Failure;
        }
    }

    private static BundleCheckpoint? FindCheckpoint(RuntimeCommandLine line) =>
        line.Verb is "create" or "run" ? BundleCheckpoint.Find(line.Bundle) : null;

    private static int Create(RuntimeCommandLine line, RuntimeSettings settings, BundleCheckpoint checkpoint)
    {
        var options = new EngineOptions
        {
            Root = settings.Root,
            RunRoot = settings.RunRoot,
            Runtime = settings.Runtime,
            CommandPath = Environment.ProcessPath,
            Warn = message => RuntimeErrors.Warn(line, message),
        };
        using var engine = new StasisEngine(options);
        engine.RemoveAbandoned(); // what killed restores have left
        new BundleRestore(engine, line, checkpoint.ToSource(settings)).RunAsync(CancellationToken.None).GetAwaiter().GetResult();
        return 0;
    }

    private static int? RunOnRestored(RuntimeCommandLine line, RuntimeSettings settings, IReadOnlyList<byte[]> arguments)
    {
        var layout = new Layout(settings.Root, settings.RunRoot);
        if (RestoredBundle.Find(layout, line.GetStateRoot(settings.Runtime), line.Id) is not { } bundle)
            return null;
        var runtime = FindRuntime(ChooseRuntime(line, settings.Runtime));
        return new RestoredVerbs(bundle, runtime, [.. arguments.Skip(1).Select(Encoding.UTF8.GetString)]).Run(line);
    }

    // A container stays with the runtime that made it, whatever the settings say since.
    private static string ChooseRuntime(RuntimeCommandLine line, string runtime)
    {
        if (line.Id is not { } id || line.Verb is "create" or "run" or "restore" || !RestoredBundle.IsValidId(id))
            return runtime;
        var state = Path.Combine(line.GetStateRoot(runtime), id);
        var isCrun = Oci.Runtime.IsCrun(runtime);
        return File.Exists(Path.Combine(state, "status")) ? isCrun ? runtime : "crun"
            : File.Exists(Path.Combine(state, "state.json")) ? isCrun ? "runc" : runtime
            : runtime;
    }

    private static void PassOn(string runtime, IReadOnlyList<byte[]> arguments) =>
        ProgramReplacement.Run(FindRuntime(runtime), [Encoding.UTF8.GetBytes(runtime), .. arguments.Skip(1)]);

    private static string FindRuntime(string runtime)
    {
        var path = ExecutablePath.Find(runtime) ?? throw new LinuxException("exec", runtime, Errno.ENOENT);
        var real = File.ResolveLinkTarget(path, returnFinalTarget: true)?.FullName ?? path;
        return real != Environment.ProcessPath
            ? path
            : throw new IOException(
                $"the runtime {runtime} is {Name} itself: name another in {RuntimeSettings.File} or $STASIS_RUNTIME");
    }
}
