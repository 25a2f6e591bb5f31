using Stasis.Engine.Archive;
using Stasis.Engine.Errors;
using Stasis.Engine.Vetting.Findings;

namespace Stasis.Engine.Vetting;

/// <summary>
/// Bounds the work on an archive that was made to keep this host busy. Lists have limits (<see cref="JsonLimits"/>); this bounds what
/// slips through them.
/// </summary>
/// <param name="time">How long vetting may take.</param>
internal sealed class VettingBudget(TimeSpan time)
{
    /// <summary>How many findings one archive may have.</summary>
    public const int MaxFindings = 2000;

    /// <summary>The rule of an archive that has more.</summary>
    public static readonly RuleDescriptor Rule = new()
    {
        Id = "findings",
        Finds = "more than 2000 findings: what is beyond isn't listed",
    };

    // Vetting takes milliseconds; of tars, the headers are read: a slow disk reads 20 MiB in a second.
    private const long BytesPerSecond = 20 << 20;
    private static readonly TimeSpan Least = TimeSpan.FromSeconds(60);

    /// <summary>The budget for a checkpoint: a minute, and time to read its tars.</summary>
    public static VettingBudget ForCheckpoint(CheckpointEntryPaths checkpoint)
    {
        string[] tars =
        [
            checkpoint.RootfsDiff, checkpoint.DevShm,
            .. Directory.Exists(checkpoint.Volumes) ? Directory.GetFiles(checkpoint.Volumes) : [],
        ];
        var bytes = tars.Where(File.Exists).Sum(tar => new FileInfo(tar).Length);
        return new VettingBudget(Least + TimeSpan.FromSeconds(bytes / BytesPerSecond));
    }

    /// <summary>
    /// Runs work on a thread of its own, and waits for it as long as the budget lasts. Work that isn't done then is abandoned: its thread
    /// ends with the process, if not before.
    /// </summary>
    /// <param name="archive">The archive's name in messages.</param>
    /// <param name="work">The work.</param>
    /// <exception cref="ArchiveException">The time is over.</exception>
    public T Run<T>(string archive, Func<T> work)
    {
        var running = Task.Factory.StartNew(work, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        if (Task.WaitAny([running], time) == 0)
            return running.GetAwaiter().GetResult();
        _ = running.ContinueWith(static done => done.Exception, TaskScheduler.Default); // observed
        throw new ArchiveException(archive, null, $"checking it took more than {time.TotalSeconds:0} s: it was made to take long")
        {
            Remedy = "nothing allows it: restore it with the engine that made it, on a machine that may be lost",
        };
    }

    /// <summary>The first findings of a list, and one more that says so if there are others.</summary>
    public static IReadOnlyList<Finding> Limit(IReadOnlyList<Finding> findings) => findings.Count <= MaxFindings
        ? findings
        :
        [
            .. findings.Take(MaxFindings),
            FindingFactory.Never(Rule, "archive", $"{findings.Count}", $"more findings than {MaxFindings}: the others aren't listed"),
        ];
}
