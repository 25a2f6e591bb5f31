using Stasis.Engine.Checkpoints.Restore;
using Stasis.Engine.Vetting.Findings;

namespace Stasis.Engine.Vetting.Policy.References;

/// <summary>The OCI runtime, a program that this host runs as root: only its name counts, and only runc and crun pass (<see cref="RestoredRuntime"/>).</summary>
internal static class RuntimeRule
{
    public static IEnumerable<Finding> Check(VettingSubject subject)
    {
        if (subject.Config.OciRuntime is not { Length: > 0 } runtime)
            yield break;
        var name = Path.GetFileName(runtime);
        if (name is not ("runc" or "crun") && name != Path.GetFileName(subject.Options.Runtime ?? ""))
            yield return FindingFactory.Never("runtime", "config.dump: runtime", runtime, "it asks for another program than runc and crun");
        else if (name != runtime)
            yield return FindingFactory.Info("runtime", "config.dump: runtime", runtime, $"a path of another host; the {name} of this one is used");
    }
}
