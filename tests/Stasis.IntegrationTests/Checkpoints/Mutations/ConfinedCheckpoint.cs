using Stasis.Engine.RuntimeSpec;
using Stasis.Engine.Vetting.Findings;
using Stasis.Tests.Mutations;

namespace Stasis.IntegrationTests.Checkpoints.Mutations;

/// <summary>
/// A checkpoint with a spec that gives the container neither capabilities nor a PID namespace. Its images as they are have findings then;
/// what a mutation adds to these is what counts.
/// </summary>
internal sealed class ConfinedCheckpoint(MutableCheckpoint checkpoint)
{
    private readonly MutableCheckpoint _confined = checkpoint with { Spec = Confine(checkpoint.Spec) };
    private HashSet<Finding>? _known;

    /// <summary>Whether one of the rules refuses the mutation.</summary>
    public bool IsRefused(Mutation mutation, IReadOnlyList<string> rules)
    {
        _known ??= [.. _confined.Verify("", [])];
        return _confined.Verify(mutation.File, mutation.Make(checkpoint.Images[mutation.File]))
            .Any(finding => finding.Severity == Severity.Refused && rules.Contains(finding.Rule) && !_known.Contains(finding));
    }

    private static OciSpec Confine(OciSpec spec) => spec with
    {
        Process = spec.Process! with { Capabilities = new OciCapabilities(), NoNewPrivileges = true },
        Linux = spec.Linux! with { Namespaces = [.. spec.Linux.Namespaces!.Where(space => space.Type != "pid")] },
    };
}
