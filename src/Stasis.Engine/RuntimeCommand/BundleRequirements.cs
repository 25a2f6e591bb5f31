using Stasis.Engine.Checkpoints.Import;
using Stasis.Engine.Errors;
using Stasis.Engine.Oci;
using Stasis.Engine.RuntimeSpec;

namespace Stasis.Engine.RuntimeCommand;

/// <summary>Refuses bundles that no checkpoint can be restored into, before anything is made.</summary>
internal static class BundleRequirements
{
    /// <summary>Requires of the command line and the bundle what is known without the checkpoint.</summary>
    /// <param name="line">The command line.</param>
    /// <param name="spec">The bundle's spec.</param>
    /// <param name="runtime">The runtime that is to restore.</param>
    /// <exception cref="StasisException">Something stands in the way.</exception>
    public static void Require(RuntimeCommandLine line, OciSpec spec, string runtime)
    {
        if (line.Verb != "create")
            throw Refuse($"the verb {line.Verb}", "use create and start, as engines do");
        if (Runtime.IsCrun(runtime))
            throw Refuse("crun", $"set \"runtime\": \"runc\" in {RuntimeSettings.File}");
        if (line.UsesSystemdCgroup || spec.Linux?.CgroupsPath is { Length: > 0 } and not ['/', ..])
            throw Refuse("cgroups that systemd makes", "configure the engine for cgroupfs");
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
    /// <param name="title">What messages call the checkpoint.</param>
    /// <exception cref="StasisException">It wasn't.</exception>
    public static void Require(DumpedContainer dump, OciSpec spec, string title)
    {
        if (dump.Config.OciRuntime is { Length: > 0 } runtime && Runtime.IsCrun(runtime))
        {
            throw new StasisException($"{title} was made with crun, and runc can't restore it")
            {
                Remedy = "make the checkpoint with runc",
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

    private static StasisException Refuse(string what, string remedy) =>
        new($"a checkpoint can't be restored with {what} yet") { Remedy = remedy };
}
