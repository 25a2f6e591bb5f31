using System.Globalization;
using System.Runtime.InteropServices;
using Stasis.Engine.Criu.Images;
using Stasis.Engine.Vetting.Seccomp;

namespace Stasis.Engine.Vetting.Images.Tasks;

/// <summary>
/// Every thread has the spec's seccomp filter, or one that is at least as strict: for each call, architecture and way that its arguments can lead, the recorded filter must not let through what
/// the spec's rules don't. Filters that a program has put on top can only take more away, and aren't judged.
/// </summary>
internal static class SeccompImageRule
{
    private const string Rule = "image-seccomp";
    private const uint Filter = 2; // SECCOMP_MODE_FILTER
    private const uint ForAllThreads = 1; // SECCOMP_FILTER_FLAG_TSYNC
    private const uint KnownFlags = 0b0111; // it, LOG, SPEC_ALLOW: a listener is no file of the container's
    private const int MostFilters = 100_000, Judged = 64;

    public static void Check(ImageVerification verification)
    {
        var file = ImageKind.Get("seccomp").TheFile;
        List<ImageRecord> filters = [.. verification.Images.One(file)?.Children("seccomp_filters").Take(MostFilters) ?? []];
        for (var i = 0; i < filters.Count; i++)
        {
            var where = $"{verification.Images.Where(file)}: seccomp_filters[{i}]";
            if (filters[i].Has("prev") && filters[i].U32("prev") >= i)
                verification.Refuse(Rule, $"{where}.prev", Text(filters[i].U32("prev")), "filters lead to each other in a ring, or to one that is not there");
            if ((filters[i].U32("flags") & ~KnownFlags) != 0)
                verification.Refuse(Rule, $"{where}.flags", Text(filters[i].U32("flags")), "a filter that another program would listen to");
            if (filters[i].Bytes("filter").Length % 8 != 0)
                verification.Refuse(Rule, $"{where}.filter", Text((uint)filters[i].Bytes("filter").Length), "not a whole number of instructions");
        }
        if (SpecFilter.FromSpec(verification.Allowed.Spec.Linux?.Seccomp) is not { } spec)
            return;
        var judge = new Judge(spec, filters);
        foreach (var task in verification.Tasks.Where(task => task.Alive))
        {
            CheckThread(verification, task.Core, filters.Count, judge);
            // Where all threads of a process have the same filters, CRIU writes them of the first alone, with a flag that has the kernel give them to all.
            var shared = verification.Images.One(task.Core)?.Child("thread_core") is { } first && first.U32("seccomp_filter") < filters.Count && judge.IsForAllThreads((int)first.U32("seccomp_filter"));
            foreach (var thread in task.Threads.Skip(1))
            {
                var core = ImageKind.Get("core-").File(thread);
                if (!shared || verification.Images.One(core)?.Child("thread_core")?.Has("seccomp_mode") == true)
                    CheckThread(verification, core, filters.Count, judge);
            }
        }
    }

    private static void CheckThread(ImageVerification verification, string file, int filters, Judge judge)
    {
        if (verification.Images.One(file)?.Child("thread_core") is not { } core)
            return;
        var where = $"{verification.Images.Where(file)}: thread_core";
        if (core.U32("seccomp_mode") != Filter)
            verification.Refuse(Rule, $"{where}.seccomp_mode", Text(core.U32("seccomp_mode")), "the spec has a seccomp filter, and the thread has none");
        else if (core.U32("seccomp_filter") >= filters)
            verification.Refuse(Rule, $"{where}.seccomp_filter", Text(core.U32("seccomp_filter")), "a filter that is not there");
        else if (judge.Weaker((int)core.U32("seccomp_filter")) is { } weaker)
            verification.Refuse(Rule, $"{where}.seccomp_filter", weaker, "no filter of the thread's is shown to be as strict as the spec's");
    }

    private static string Text(uint number) => number.ToString(CultureInfo.InvariantCulture);

    // Threads share few filters, and CRIU writes one for each process: each content is judged once, each chain as far as the one that it goes on from.
    private sealed class Judge(SpecFilter spec, IReadOnlyList<ImageRecord> filters)
    {
        private readonly Dictionary<int, List<(ReadOnlyMemory<byte> Filter, string? Weaker)>> _judged = [];
        private readonly FilterStepBudget _budget = new();
        private string?[]? _chains;
        private int _different;

        // What is weaker than the spec in all filters of a chain; null if one of them is as strict.
        public string? Weaker(int last)
        {
            if (_chains is null)
            {
                _chains = new string?[filters.Count];
                for (var i = 0; i < filters.Count; i++)
                {
                    var former = filters[i].Has("prev") && filters[i].U32("prev") < i ? (int)filters[i].U32("prev") : -1;
                    // What goes on from one that is as strict is, whatever it is.
                    if (former < 0)
                        _chains[i] = Single(filters[i].Bytes("filter"));
                    else if (_chains[former] is { } weaker && Single(filters[i].Bytes("filter")) is not null)
                        _chains[i] = weaker;
                }
            }
            return _chains[last];
        }

        // Whether the kernel gives all filters of a chain to all threads of the process.
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
