using System.Globalization;
using System.Runtime.InteropServices;
using Stasis.Engine.Criu.Images;
using Stasis.Engine.Vetting.Findings;
using Stasis.Engine.Vetting.Seccomp;

namespace Stasis.Engine.Vetting.Images.Tasks;

/// <summary>
/// Requires that every thread has a seccomp filter that is at least as strict as the spec's: for each
/// architecture, call and path, the recorded filter must not allow what the spec's rules don't. Filters that
/// a program has installed on top can only take away, and aren't judged.
/// </summary>
internal static class SeccompImageRule
{
    public static readonly RuleDescriptor Rule = new()
    {
        Id = "image-seccomp",
        Finds = "a thread without a filter, or with none that is as strict as the spec's (see below)",
    };

    private const uint Filter = 2; // SECCOMP_MODE_FILTER
    private const uint ForAllThreads = 1; // SECCOMP_FILTER_FLAG_TSYNC
    private const uint KnownFlags = 0b0111; // TSYNC, LOG, SPEC_ALLOW; not NEW_LISTENER, whose listener is outside the container
    private const int MaxFilters = 100_000, Judged = 64;

    public static void Check(ImageVerification verification)
    {
        var file = ImageKind.Get("seccomp").TheFile;
        List<ImageRecord> filters = [.. verification.Images.One(file)?.Children("seccomp_filters").Take(MaxFilters) ?? []];
        for (var i = 0; i < filters.Count; i++)
        {
            var where = $"{verification.Images.Where(file)}: seccomp_filters[{i}]";
            if (filters[i].Has("prev") && filters[i].U32("prev") >= i)
                verification.Refuse(
                    Rule,
                    $"{where}.prev",
                    Text(filters[i].U32("prev")),
                    "filters lead to each other in a ring, or to one that is not there");
            if ((filters[i].U32("flags") & ~KnownFlags) != 0)
                verification.Refuse(Rule, $"{where}.flags", Text(filters[i].U32("flags")), "a filter that another program would listen to");
            if (filters[i].Bytes("filter").Length % 8 != 0)
                verification.Refuse(
                    Rule,
                    $"{where}.filter",
                    Text((uint)filters[i].Bytes("filter").Length),
                    "not a whole number of instructions");
        }
        foreach (var task in verification.Tasks)
            CheckOldFields(verification, task);
        if (SpecFilter.FromSpec(verification.Allowed.Spec.Linux?.Seccomp) is not { } spec)
            return;
        var judge = new Judge(spec, filters);
        foreach (var task in verification.Tasks.Where(task => task.Alive))
        {
            CheckThread(verification, task.Core, filters.Count, judge);
            // If all threads of a process have the same filters, CRIU saves them for the first thread only,
            // with a flag that makes the kernel apply them to all.
            var shared = verification.Images.One(task.Core)?.Child("thread_core") is { } first
                && first.U32("seccomp_filter") < filters.Count
                && judge.IsForAllThreads((int)first.U32("seccomp_filter"));
            foreach (var thread in task.Threads.Skip(1))
            {
                var core = ImageKind.Get("core-").File(thread);
                if (!shared || verification.Images.One(core)?.Child("thread_core")?.Has("seccomp_mode") == true)
                    CheckThread(verification, core, filters.Count, judge);
            }
        }
    }

    // CRIU puts these into the place of the first thread's own (criu/cr-restore.c).
    private static void CheckOldFields(ImageVerification verification, TaskNode task)
    {
        if (verification.Images.One(task.Core)?.Child("tc") is not { } common)
            return;
        foreach (var field in ((string[])["old_seccomp_mode", "old_seccomp_filter"]).Where(common.Has))
            verification.Refuse(
                Rule,
                $"{verification.Images.Where(task.Core)}: tc.{field}",
                Text(common.U32(field)),
                "what CRIU wrote in the past: it would replace the thread's filter");
    }

    private static void CheckThread(ImageVerification verification, string file, int filters, Judge judge)
    {
        if (verification.Images.One(file)?.Child("thread_core") is not { } core)
            return;
        var where = $"{verification.Images.Where(file)}: thread_core";
        if (core.U32("seccomp_mode") != Filter)
            verification.Refuse(
                Rule,
                $"{where}.seccomp_mode",
                Text(core.U32("seccomp_mode")),
                "the spec has a seccomp filter, and the thread has none");
        else if (core.U32("seccomp_filter") >= filters)
            verification.Refuse(Rule, $"{where}.seccomp_filter", Text(core.U32("seccomp_filter")), "a filter that is not there");
        else if (judge.Weaker((int)core.U32("seccomp_filter")) is { } weaker)
            verification.Refuse(
                Rule,
                $"{where}.seccomp_filter",
                weaker,
                "no filter of the thread's is shown to be as strict as the spec's");
    }

    private static string Text(uint number) => number.ToString(CultureInfo.InvariantCulture);

    // Threads share few filters, and CRIU writes one for each process. Each distinct filter is judged once,
    // and each chain on from the one that it extends.
    private sealed class Judge(SpecFilter spec, IReadOnlyList<ImageRecord> filters)
    {
        private readonly Dictionary<int, List<(ReadOnlyMemory<byte> Filter, string? Weaker)>> _judged = [];
        private readonly FilterStepBudget _budget = new();
        private string?[]? _chains;
        private int _different;

        // The call that is weaker than the spec in all filters of a chain; null if one of the filters is as strict.
        public string? Weaker(int last)
        {
            if (_chains is null)
            {
                _chains = new string?[filters.Count];
                for (var i = 0; i < filters.Count; i++)
                {
                    var former = filters[i].Has("prev") && filters[i].U32("prev") < i ? (int)filters[i].U32("prev") : -1;
                    // A chain that extends a strict one is strict.
                    if (former < 0)
                        _chains[i] = Single(filters[i].Bytes("filter"));
                    else if (_chains[former] is { } weaker && Single(filters[i].Bytes("filter")) is not null)
                        _chains[i] = weaker;
                }
            }
            return _chains[last];
        }

        // Whether the kernel applies all filters of a chain to all threads of the process.
        public bool IsForAllThreads(int last)
        {
            for (var at = last; ; at = (int)filters[at].U32("prev"))
            {
                if ((filters[at].U32("flags") & ForAllThreads) == 0)
                    return false;
                if (!filters[at].Has("prev") || filters[at].U32("prev") >= at)
                    return true;
            }
        }

        private string? Single(ReadOnlyMemory<byte> filter)
        {
            var hash = new HashCode();
            hash.AddBytes(filter.Span);
            var alike = _judged.GetValueOrDefault(hash.ToHashCode()) ?? (_judged[hash.ToHashCode()] = []);
            foreach (var (other, weaker) in alike)
            {
                if (other.Span.SequenceEqual(filter.Span))
                    return weaker;
            }
            if (_different++ >= Judged)
                return "among too many different filters";
            var found = FilterProgram.Parse(filter.Span, _budget) is not { } program ? "a filter that libseccomp wouldn't write"
                : RuntimeInformation.OSArchitecture == Architecture.X64 ? spec.FindWeaker(program) : null;
            alike.Add((filter, found));
            return found;
        }
    }
}

internal static partial class TaskImageCheckList
{
    internal static readonly ImageCheck Seccomp = Add(new(130, SeccompImageRule.Check, SeccompImageRule.Rule));
}
