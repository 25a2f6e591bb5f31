using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Win32.SafeHandles;
using Stasis.Engine.Common;
using Stasis.Engine.Containers.Supervision;
using Stasis.Engine.Errors;
using Stasis.Engine.RuntimeCommand.Hooks;
using Stasis.Linux.Files;
using Stasis.Linux.Processes;

namespace Stasis.Engine.RuntimeCommand;

/// <summary>
/// The verbs that are other ones for a container that this runtime restored: while it is held, the runtime takes it for one that is
/// paused.
/// </summary>
/// <param name="bundle">The container.</param>
/// <param name="runtime">The runtime.</param>
/// <param name="arguments">All arguments of the command line.</param>
internal sealed class RestoredVerbs(RestoredBundle bundle, string runtime, IReadOnlyList<string> arguments)
{
    private const string Status = "status", Created = "created";

    /// <summary>Runs a verb; null if the runtime does all of it.</summary>
    /// <param name="line">The command line.</param>
    /// <returns>The exit code.</returns>
    public int? Run(RuntimeCommandLine line) => line.Verb switch
    {
        "state" when bundle.IsHeld => WriteState(),
        "start" when bundle.IsHeld => Start(line),
        "kill" when bundle.IsHeld && IsKill(line) => KillHeld(),
        "checkpoint" => WaitForMemory(line),
        "delete" => Delete(line),
        _ => null,
    };

    // CRIU can't dump memory that isn't there yet.
    private int? WaitForMemory(RuntimeCommandLine line)
    {
        LazyMemorySupervisor.WaitUntilLoadedAsync(
            line.Id!, bundle.Memory.Progress, $"cat {bundle.Memory.Progress}", _ => { }, CancellationToken.None)
            .GetAwaiter().GetResult();
        return null;
    }

    private int WriteState()
    {
        var result = AskRuntime(arguments);
        StandardStream.Error.Write(Encoding.UTF8.GetBytes(result.Error));
        if (result.ExitCode != 0)
            return result.ExitCode;
        // Its processes may have been killed: then it is "stopped".
        if (JsonNode.Parse(result.Output) is JsonObject state && (string?)state[Status] is "paused" or "running")
        {
            state[Status] = Created;
            StandardStream.Output.Write(JsonSerializer.SerializeToUtf8Bytes(state, EngineJson.Default.JsonObject));
            return 0;
        }
        StandardStream.Output.Write(Encoding.UTF8.GetBytes(result.Output));
        return 0;
    }

    // runc lets a container run whose hooks fail, and reports it.
    private int Start(RuntimeCommandLine line)
    {
        FaultPoint.Hit("bundle.starting");
        bundle.Start();
        if (bundle.HasHooks)
            RunHooks(BundleHooks.Poststart, line, AskForState(line));
        return 0;
    }

    private void RunHooks(string kind, RuntimeCommandLine line, string state)
    {
        try
        {
            bundle.RunHooks(kind, Encoding.UTF8.GetBytes(state));
        }
        catch (Exception e) when (e is StasisException or IOException or TimeoutException)
        {
            RuntimeErrors.Warn(line, e.Message);
        }
    }

    private string AskForState(RuntimeCommandLine line) => AskRuntime([.. line.GlobalArguments, "state", line.Id!]).Output;

    private ProgramResult AskRuntime(IReadOnlyList<string> command) => Spawn.RunAsync(
        new SpawnOptions { Program = runtime, Arguments = command }, TimeSpan.FromMinutes(1), CancellationToken.None)
        .GetAwaiter().GetResult();

    // A process that is frozen by v1's freezer dies when it is thawed, before its next instruction. So all have to get the signal before
    // the runtime kills the first and thaws them.
    private int KillHeld()
    {
        bundle.SignalKill();
        var code = RunRuntime();
        if (code == 0)
            bundle.Kill();
        return code;
    }

    private int Delete(RuntimeCommandLine line)
    {
        using var alone = bundle.IsHeld ? bundle.EndAsync().GetAwaiter().GetResult() : null;
        var state = bundle.HasHooks ? AskForState(line) : null;
        var code = RunRuntime();
        if (code == 0)
        {
            if (bundle.LostMemory is { } why)
                RuntimeErrors.Warn(line, $"container {line.Id}: {why}");
            if (state is not null)
                RunHooks(BundleHooks.Poststop, line, state);
            bundle.Remove();
        }
        alone?.Remove();
        return code;
    }

    private static bool IsKill(RuntimeCommandLine line) => line.Operands is [_, var signal, ..] && Signals.Parse(signal) == Signals.Kill;

    private int RunRuntime()
    {
        using var child = Spawn.Start(new SpawnOptions
        {
            Program = runtime,
            Arguments = arguments,
            Descriptors = new Dictionary<int, SafeFileHandle> { [0] = Standard(0), [1] = Standard(1), [2] = Standard(2) },
        });
        return child.Wait();
    }

    private static SafeFileHandle Standard(int descriptor) => new(descriptor, ownsHandle: false);
}
