using Stasis.Engine.Criu.Images;
using Stasis.Engine.Model;
using Stasis.Engine.RuntimeSpec;
using Stasis.Engine.Vetting.Images;
using Stasis.Engine.Vetting.Images.Tasks;

namespace Stasis.Engine.RuntimeCommand;

/// <summary>
/// Takes from a task's image (core-N.img) what a spec doesn't give: capabilities beyond its bounding set, limits above its own. Sets
/// no_new_privs if the spec has it.
/// </summary>
internal sealed class CoreConfinement(OciSpec spec)
{
    private const int WordBits = 32;

    private static readonly string[] Sets = ["cap_prm", "cap_eff", "cap_inh", "cap_bnd", "cap_amb"];

    private readonly SpecAllowances _allowed = new(spec, new ContainerConfig { Id = "", Name = "" });

    /// <summary>The task's record, confined.</summary>
    public ImageRecord Apply(ImageRecord core)
    {
        if (core.Child("thread_core") is { } thread && thread.Child("creds") is { } credentials)
            core = core.With("thread_core", thread.With("creds", ConfineCredentials(credentials)));
        if (core.Child("tc") is { } task && task.Child("rlimits") is { } limits && !_allowed.May("CAP_SYS_RESOURCE"))
        {
            var confined = limits.Children("rlimits").Index().Select(entry => ConfineLimit(entry.Index, entry.Item)).ToList();
            core = core.With("tc", task.With("rlimits", limits.WithChildren("rlimits", confined)));
        }
        return core;
    }

    private ImageRecord ConfineCredentials(ImageRecord credentials)
    {
        foreach (var set in Sets.Where(credentials.Has))
        {
            var words = credentials.Numbers(set).Select((word, index) => word & (uint)(_allowed.Bounding >> (WordBits * (index & 1))));
            credentials = credentials.WithNumbers(set, [.. words]);
        }
        return _allowed.NoNewPrivileges ? credentials.With("no_new_privs", 1) : credentials;
    }

    private ImageRecord ConfineLimit(int number, ImageRecord limit)
    {
        if (number >= LimitImageRule.Names.Count)
            return limit;
        var most = Math.Min(limit.Number("max"), LimitImageRule.GetMost(_allowed, LimitImageRule.Names[number]));
        return limit.With("max", most).With("cur", Math.Min(limit.Number("cur"), most));
    }
}
