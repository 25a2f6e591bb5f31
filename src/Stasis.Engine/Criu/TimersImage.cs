using System.Globalization;
using Stasis.Engine.Criu.Images;
using Stasis.Linux.Processes;

namespace Stasis.Engine.Criu;

/// <summary>A task's timers, of setitimer(2) and timer_create(2), in core-N.img.</summary>
internal static class TimersImage
{
    /// <summary>Threads have IDs from 1 to this (PID_MAX_LIMIT, include/linux/threads.h).</summary>
    public const long LastThread = 4 * 1024 * 1024;

    private const uint OnThread = 4; // SIGEV_THREAD_ID
    private const string Thread = "notify_thread_id";
    private static readonly ImageKind Kind = ImageKind.Get("core-");
    private static readonly (string Name, uint Signal)[] IntervalTimers = [("real", 14), ("virt", 26), ("prof", 27)]; // getitimer(2)

    /// <summary>Whether a timer signals a thread with an ID that no thread can have: see <see cref="CorrectThreads"/>.</summary>
    public static bool LacksThread(ImageRecord timer) =>
        (timer.U32("it_sigev_notify") & OnThread) != 0 && timer.Has(Thread) && timer.Signed(Thread) is <= 0 or > LastThread;

    /// <summary>
    /// Has timers signal the first thread of their process if they signal none. CRIU up to 4.2.1 writes bytes of its own memory as the ID
    /// of that thread (criu/timer.c, encode_notify_thread_id), and then can't restore the timer.
    /// </summary>
    /// <param name="images">The folder of CRIU's images.</param>
    /// <exception cref="InvalidDataException">An image is damaged.</exception>
    public static void CorrectThreads(string images)
    {
        foreach (var path in Directory.EnumerateFiles(images, "core-*.img"))
        {
            if (LocalImageFile.TryReadFirst(path, Kind) is not { } core || core.Child("tc") is not { } task
                || task.Child("timers") is not { } timers || !timers.Children("posix").Any(LacksThread))
                continue;
            var process = ulong.Parse(Path.GetFileNameWithoutExtension(path)["core-".Length..], CultureInfo.InvariantCulture);
            var corrected = timers.Children("posix").Select(timer => LacksThread(timer) ? timer.With(Thread, process) : timer);
            core = core.With("tc", task.With("timers", timers.WithChildren("posix", [.. corrected])));
            LocalImageFile.Write(path, Kind, core);
        }
    }

    /// <summary>Reads the signals of a process's timers that don't run, because they have expired or were never set, as a set.</summary>
    /// <param name="images">The folder of CRIU's images.</param>
    /// <param name="process">The process, in its PID namespace. One without an image has none.</param>
    /// <returns>The set, by <see cref="Signals.Bit"/>.</returns>
    /// <exception cref="InvalidDataException">The image is damaged.</exception>
    public static ulong ReadExpired(string images, uint process)
    {
        if (TryRead(images, process)?.Child("tc")?.Child("timers") is not { } timers)
            return 0;
        var set = 0UL;
        foreach (var (name, signal) in IntervalTimers)
        {
            if (timers.Child(name) is { } timer && timer.Number("vsec") == 0 && timer.Number("vusec") == 0)
                set |= Signals.Bit(signal);
        }
        return timers.Children("posix").Where(timer => timer.Number("vsec") == 0 && timer.Number("vnsec") == 0)
            .Aggregate(set, (signals, timer) => signals | Signals.Bit(timer.U32("si_signo")));
    }

    private static ImageRecord? TryRead(string images, uint process) =>
        LocalImageFile.TryReadFirst(Path.Combine(images, Kind.File(process)), Kind);
}
