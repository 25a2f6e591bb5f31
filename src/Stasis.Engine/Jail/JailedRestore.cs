using System.Text.Json;
using Microsoft.Win32.SafeHandles;
using Stasis.Engine.Common;
using Stasis.Engine.Oci;
using Stasis.Engine.Vetting;
using Stasis.Engine.Vetting.Findings;
using Stasis.Engine.Vetting.Restored;
using Stasis.Linux.Files;
using Stasis.Linux.Mounts;
using Stasis.Linux.Network;
using Stasis.Linux.Processes;

namespace Stasis.Engine.Jail;

/// <summary>
/// What conmon runs in place of a runtime: that runtime's restore, in a jail. Has the restored processes looked at before they run, and
/// brings out of the jail what the runtime made there.
/// </summary>
public static class JailedRestore
{
    /// <summary>The hidden verb of the stasis command that does this.</summary>
    public const string Verb = "run-jailed";

    private const int Failure = 1;

    private static readonly TimeSpan VerificationLimit = TimeSpan.FromMinutes(10);

    /// <summary>Runs the runtime.</summary>
    /// <param name="planFile">File that says what the runtime sees; a restore writes it.</param>
    /// <param name="arguments">The runtime's arguments.</param>
    /// <returns>
    /// The runtime's exit code, or 1 if its container was killed because verification failed. The reason is in the runtime's log.
    /// </returns>
    public static int Run(string planFile, IReadOnlyList<string> arguments) =>
        RunPlan(JailPlan.Read(planFile), arguments, environment: null);

    /// <summary>As above.</summary>
    /// <param name="plan">What the runtime sees.</param>
    /// <param name="arguments">The runtime's arguments.</param>
    /// <param name="environment">The runtime's environment; null for this process's.</param>
    internal static int RunPlan(JailPlan plan, IReadOnlyList<string> arguments, IReadOnlyList<string>? environment)
    {
        try
        {
            using var jail = Start(plan, arguments, environment);
            CgroupMoveWarmup.Begin(); // the runtime moves CRIU
            FaultPoint.Hit("jail.started");
            return Watch(plan, jail);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            JailResults.LogError(plan, e.Message);
            return Failure;
        }
    }

    private static int Watch(JailPlan plan, RunningJail jail)
    {
        var results = new JailResults(plan, jail.Root);
        var timeout = new JailWatchdog(plan, jail.Runtime);
        try
        {
            var findings = jail.Gate is null ? [] : Verify(plan, jail, timeout);
            if (findings is { Count: > 0 })
            {
                Kill(plan, jail);
                results.CopyLogs();
                results.WriteFindings(findings);
                return Failure;
            }
            FaultPoint.Hit("jail.released");
            var code = timeout.WaitForExit();
            FaultPoint.Hit("jail.ended");
            results.CopyLogs();
            if (code == 0 && findings is null)
                throw new RuntimeStateException("the runtime has ended, and CRIU has not waited for the container to be verified");
            if (code == 0)
                results.CopyState();
            else
                Kill(plan, jail);
            results.LogExit(code);
            return code;
        }
        catch (Exception e) when (e is TimeoutException or OperationCanceledException or RuntimeStateException or IOException
            or UnauthorizedAccessException or JsonException or FormatException or OverflowException or InvalidOperationException
            or KeyNotFoundException or ArgumentException)
        {
            return Fail(e.Message); // what can't be verified doesn't run
        }

        int Fail(string why)
        {
            Kill(plan, jail);
            results.CopyLogs();
            JailResults.LogError(plan, why);
            return Failure;
        }
    }

    private static RunningJail Start(JailPlan plan, IReadOnlyList<string> arguments, IReadOnlyList<string>? environment)
    {
        if (plan.EntersCgroups)
            return JailCgroups.RunIn(plan.Cgroups, () => Enter(null));
        // The runtime stays outside of the namespace, too: from within, it could move nothing there that isn't (cgroups(7), nsdelegate).
        using var cgroups = plan.HasCgroupNamespace ? JailCgroups.RunIn(plan.Cgroups, CgroupNamespace.OpenNew) : null;
        return Enter(cgroups);

        RunningJail Enter(SafeFileHandle? cgroups) => MountNamespace.RunInNew(() =>
        {
            var root = JailMounts.Enter(plan, FindConsole(arguments), cgroups);
            var mounts = MountNamespace.OpenOnThread();
            var gate = plan.RequiresVerification ? PreResumeGate.Create(JailMounts.PrivateFolder) : null;
            return new RunningJail(root, mounts, gate, StartInside(plan, arguments, environment));
        });
    }

    // The child inherits what this thread gives up.
    private static ChildProcess StartInside(JailPlan plan, IReadOnlyList<string> arguments, IReadOnlyList<string>? environment)
    {
        if (plan.SessionKeyring is { } keyring)
            SessionKeyring.JoinOnThread(keyring);
        if (plan is { HasCgroupNamespace: true, EntersCgroups: true })
            CgroupNamespace.EnterNewOnThread();
        if (!plan.HasHostNetwork)
            NetworkNamespace.EnterNewOnThread();
        ThreadCapabilities.Drop([.. plan.DroppedCapabilities]);
        // For own containers, too: what a path of theirs leads to can have changed since the dump, up to /proc/1/root.
        if (LandlockScope.IsSupported)
            LandlockScope.EnterOnThread();
        return Spawn.Start(new SpawnOptions
        {
            Program = plan.Runtime,
            Arguments = arguments,
            Environment = plan is { HasCgroupNamespace: true, EntersCgroups: false }
                ? RuntimeEnvironment.WithFirst(JailMounts.CriuFolder, environment) : environment,
            WorkingDirectory = "/",
            Descriptors = new Dictionary<int, SafeFileHandle> { [0] = Standard(0), [1] = Standard(1), [2] = Standard(2) },
        });
    }

    private static SafeFileHandle Standard(int descriptor) => new(descriptor, ownsHandle: false);

    private static string? FindConsole(IReadOnlyList<string> arguments) =>
        arguments.Index().Where(a => a.Index > 0 && arguments[a.Index - 1] == "--console-socket").Select(a => a.Item).FirstOrDefault();

    // Null if the runtime ended before CRIU came to the gate.
    private static IReadOnlyList<Finding>? Verify(JailPlan plan, RunningJail jail, JailWatchdog timeout)
    {
        var gate = jail.Gate!;
        // Read while the runtime works.
        var spec = JsonSerializer.Deserialize(File.ReadAllBytes(plan.Spec), EngineJson.Default.OciSpec)
            ?? throw new JsonException($"{plan.Spec} is null");
        var allowed = new AllowList(plan.Allowed ?? [], "--allow");
        if (!timeout.WaitForInput(gate.Reached))
            return null;
        // The processes are in the hands of CRIU, which can be killed: they would run on. So can the script that waits.
        JailCgroups.Freeze(plan.Cgroups);
        FaultPoint.Hit("jail.reached");
        var restored = new RestoredContainer
        {
            Pid = gate.ReadPid(),
            Spec = spec,
            RootFs = plan.RootFs,
            Cgroups = plan.Cgroups,
            InheritedCgroups =
                CurrentCgroup.ReadAll(HostCgroups.Read()).Where(own => own.Hierarchy is null).Select(own => own.Line).ToHashSet(),
        };
        using var late = new CancellationTokenSource(VerificationLimit);
        IReadOnlyList<Finding> findings = [.. RestoredVerifier.Verify(restored, late.Token).Where(finding => !allowed.Permits(finding))];
        if (findings.Count == 0)
        {
            if (plan.Holds)
                JailCgroups.MoveOutsidersOut(plan.Cgroups, restored.Pid, jail.Outsiders);
            else
                JailCgroups.Thaw(plan.Cgroups);
            gate.Release();
        }
        return findings;
    }

    // CRIU before the container: processes that it traces don't end before it has waited for them.
    private static void Kill(JailPlan plan, RunningJail jail)
    {
        jail.Runtime.Signal(Signals.Kill);
        foreach (var process in jail.Outsiders.Values)
            process.Signal(Signals.Kill);
        CgroupKiller.Kill(plan.Cgroups);
        jail.Runtime.Wait();
    }

    /// <summary>A jail in which the runtime works.</summary>
    /// <param name="Root">Its root directory, to be read from outside.</param>
    /// <param name="Mounts">Its mount namespace, held until its content is copied.</param>
    /// <param name="Gate">Where CRIU waits for verification; null if it doesn't.</param>
    /// <param name="Runtime">The runtime.</param>
    private sealed record RunningJail(DirectoryHandle Root, SafeFileHandle Mounts, PreResumeGate? Gate, ChildProcess Runtime) : IDisposable
    {
        /// <summary>CRIU and its script, by PID, when they have left the container's cgroups.</summary>
        public Dictionary<int, PidFd> Outsiders { get; } = [];

        public void Dispose()
        {
            foreach (var process in Outsiders.Values)
                process.Dispose();
            Runtime.Dispose();
            Gate?.Dispose();
            Mounts.Dispose();
            Root.Dispose();
        }
    }
}
