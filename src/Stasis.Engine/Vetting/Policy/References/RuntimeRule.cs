using Stasis.Engine.Checkpoints.Restore;
using Stasis.Engine.Vetting.Findings;

namespace Stasis.Engine.Vetting.Policy.References;

/// <summary>
/// Finds an OCI runtime other than runc and crun, a program that this host would run as root. Of a path, only
/// the name counts (<see cref="RestoredRuntime"/>).
/// </summary>
internal static class RuntimeRule
{
    public static readonly RuleDescriptor Rule = new()
    {
        Id = "runtime",
        Finds = "a program other than runc and crun; use `--runtime` instead. Of a path, only the name counts",
    };

    public static IEnumerable<Finding> Check(VettingSubject subject)
    {
        if (subject.Config.OciRuntime is not { Length: > 0 } runtime)
            yield break;
        var name = Path.GetFileName(runtime);
        if (name is not ("runc" or "crun") && name != Path.GetFileName(subject.Replaced.Runtime ?? ""))
            yield return FindingFactory.Never(Rule, "config.dump: runtime", runtime, "it asks for another program than runc and crun");
        else if (name != runtime)
            yield return FindingFactory.Info(
                Rule,
                "config.dump: runtime",
                runtime,
                $"a path of another host; the {name} of this one is used");
    }
}

internal static partial class ReferenceCheckList
{
    internal static readonly PolicyCheck Runtime = Add(new(220, RuntimeRule.Check, RuntimeRule.Rule));
}
