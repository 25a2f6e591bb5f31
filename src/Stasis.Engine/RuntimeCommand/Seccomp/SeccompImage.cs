using Stasis.Engine.Criu.Images;
using Stasis.Engine.RuntimeSpec;

namespace Stasis.Engine.RuntimeCommand.Seccomp;

/// <summary>
/// Puts a spec's filter into the images, in the place of the one that the checkpoint's container had. Filters that programs have installed
/// on top stay.
/// </summary>
/// <param name="images">The folder of images.</param>
internal sealed class SeccompImage(string images)
{
    private const uint FilterMode = 2; // SECCOMP_MODE_FILTER
    private const uint ForAllThreads = 1; // SECCOMP_FILTER_FLAG_TSYNC

    private static readonly ImageKind Filters = ImageKind.Get("seccomp"), Core = ImageKind.Get("core-"), Tree = ImageKind.Get("pstree");

    private readonly List<ImageRecord> _filters = [];
    private readonly HashSet<int> _replaced = [];
    private byte[] _wanted = [];
    private int? _first; // of a thread that has no other

    /// <summary>Fits the images.</summary>
    /// <param name="wanted">The filter that all processes are to have.</param>
    /// <param name="former">
    /// The profile of the checkpoint's container, whose filter is the first of each process; null if it had none.
    /// </param>
    public void Fit(byte[] wanted, OciSeccomp? former)
    {
        _wanted = wanted;
        var path = Path.Combine(images, Filters.TheFile);
        if (LocalImageFile.TryReadFirst(path, Filters) is { } present)
            _filters.AddRange(present.Children("seccomp_filters"));
        var given = _filters.Count;
        foreach (var task in LocalImageFile.Read(Path.Combine(images, Tree.TheFile), Tree))
        {
            var threads = task.Numbers("threads").Select(thread => (uint)thread).ToList();
            var first = FitThread(task.U32("pid"), former is not null, given);
            // CRIU has applied the first thread's to all, and does so again.
            foreach (var thread in threads.Where(thread => thread != task.U32("pid")))
            {
                if (!first || HasFilter(thread))
                    FitThread(thread, former is not null, given);
            }
        }
        var record = new ImageRecord(ReadOnlyMemory<byte>.Empty, ImageSchema.Message("seccomp_entry"));
        LocalImageFile.Write(path, Filters, record.WithChildren("seccomp_filters", _filters));
    }

    // Returns whether the thread's filters are those of all threads of its process.
    private bool FitThread(uint thread, bool hadFilter, int given)
    {
        var path = Path.Combine(images, Core.File(thread));
        if (LocalImageFile.TryReadFirst(path, Core) is not { } core || core.Child("thread_core") is not { } state)
            return false;
        var at = HasFilter(state) && state.U32("seccomp_filter") < given ? (int)state.U32("seccomp_filter") : (int?)null;
        if (at is { } own && hadFilter)
        {
            if (_replaced.Add(own))
                _filters[own] = _filters[own].With("filter", _wanted);
            return IsForAllThreads(own);
        }
        var index = at is { } other ? Append(_filters[other].U32("flags") & ForAllThreads, other) : _first ??= Append(0, null);
        state = state.With("seccomp_mode", FilterMode).With("seccomp_filter", (ulong)index);
        LocalImageFile.Write(path, Core, core.With("thread_core", state));
        return IsForAllThreads(index);
    }

    // CRIU installs a thread's filter first, then the one that this leads to (criu/seccomp.c).
    private int Append(uint flags, int? next)
    {
        var filter = new ImageRecord(ReadOnlyMemory<byte>.Empty, ImageSchema.Message("seccomp_filter")).With("filter", _wanted);
        if (next is { } number)
            filter = filter.With("prev", (ulong)number);
        _filters.Add(filter.With("flags", flags));
        return _filters.Count - 1;
    }

    private bool IsForAllThreads(int index) => (_filters[index].U32("flags") & ForAllThreads) != 0;

    private bool HasFilter(uint thread) =>
        LocalImageFile.TryReadFirst(Path.Combine(images, Core.File(thread)), Core)?.Child("thread_core") is { } state && HasFilter(state);

    private static bool HasFilter(ImageRecord state) => state.U32("seccomp_mode") == FilterMode;
}
