using Stasis.Engine.Checkpoints.Import;
using Stasis.Engine.Errors;
using Stasis.Engine.Oci;
using Stasis.Engine.RuntimeSpec;
using Stasis.Engine.Vetting.Findings;

namespace Stasis.Engine.RuntimeCommand;

/// <summary>Refuses bundles that no checkpoint can be restored into, before anything is made.</summary>
internal static class BundleRequirements
{
    private const int MaxShown = 3; // findings

    /// <summary>Requires of the command line and the bundle what is known without the checkpoint.</summary>
    /// <param name="line">The command line.</param>
    /// <param name="spec">The bundle's spec.</param>
    /// <exception cref="StasisException">Something stands in the way.</exception>
    public static void Require(RuntimeCommandLine line, OciSpec spec)
    {
        if (line.Verb != "create")
            throw Refuse($"the verb {line.Verb}", "use create and start, as engines do");
        if (line.UsesSystemdCgroup && !HostCgroups.Read().IsUnified)
            throw Refuse("cgroups that systemd makes on a host with cgroup v1", "configure the engine for cgroupfs");
        if (!line.UsesSystemdCgroup && spec.Linux?.CgroupsPath is { Length: > 0 } and not ['/', ..])
            throw Refuse("a cgroup whose path isn't absolute", "configure the engine for another one");
        if (spec.Linux?.Namespaces?.Any(space => space is { Type: "pid", Path: null or "" }) != true)
            throw Refuse("a shared PID namespace", "give the container one of its own");
        if (spec.Linux.Namespaces.Any(space => space.Type is "user" or "time"))
            throw Refuse("a user or time namespace", "run the container without it");
        if (spec.Root is null)
            throw new StasisException("the bundle has no root file system");
    }

    /// <summary>Requires that the checkpoint's container was one that the bundle can be.</summary>
    /// <param name="dump">The checkpoint's container.</param>
    /// <param name="spec">The bundle's spec.</param>
    /// <param name="runtime">The runtime that is to restore.</param>
    /// <param name="title">What messages call the checkpoint.</param>
    /// <exception cref="StasisException">It wasn't.</exception>
    public static void Require(DumpedContainer dump, OciSpec spec, string runtime, string title)
    {
        // They describe mounts and namespaces to CRIU in their own ways. An engine that doesn't say which it has used, uses runc.
        var (wasCrun, isCrun) = (dump.Config.OciRuntime is { } dumped && Runtime.IsCrun(dumped), Runtime.IsCrun(runtime));
        if (wasCrun != isCrun)
        {
            var name = wasCrun ? "crun" : "runc";
            throw new StasisException($"{title} was made with {name}, and {(isCrun ? "crun" : "runc")} can't restore it")
            {
                Remedy = $"set \"runtime\": \"{name}\" in {RuntimeSettings.File}, or make the checkpoint with the other one",
            };
        }
        var (before, now) = (dump.Spec.Process?.Terminal == true, spec.Process?.Terminal == true);
        if (before != now)
        {
            throw new StasisException($"{title} is of a container {(before ? "with" : "without")} a terminal")
            {
                Remedy = before ? "run it with one (-t)" : "run it without one (no -t)",
            };
        }
    }

    /// <summary>The refusal of what was found in a checkpoint; on one line, as engines show their users no more.</summary>
    /// <param name="findings">What was found.</param>
    /// <param name="title">What messages call the checkpoint.</param>
    public static StasisException Refuse(IReadOnlyList<Finding> findings, string title)
    {
        var shown = findings.Take(MaxShown).Select(finding => $"{finding.Rule} {finding.Value} ({finding.Where}): {finding.Message}");
        var more = findings.Count > MaxShown ? $"; and {findings.Count - MaxShown} more" : "";
        return new StasisException($"{title} holds what the container isn't to have: {string.Join("; ", shown)}{more}")
        {
            Remedy = "run the container with the options that the checkpointed one had",
        };
    }

    private static StasisException Refuse(string what, string remedy) =>
        new($"a checkpoint can't be restored with {what} yet") { Remedy = remedy };
}
