using Stasis.EndToEndTests.Harness;

namespace Stasis.EndToEndTests.Attacks;

/// <summary>What a host looks like: files, mounts, cgroups, sockets, processes and the kernel's settings.</summary>
internal sealed class HostSnapshot
{
    // Another program's container, or a process that is about to end, is gone in a moment; what an attack has done stays.
    private const int Attempts = 10;
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(200);

    private readonly Canary _canary;
    private readonly FactList _facts;

    private HostSnapshot(Canary canary, FactList facts) => (_canary, _facts) = (canary, facts);

    public int Count => _facts.Count;

    /// <summary>Looks at the host.</summary>
    public static HostSnapshot Take(Canary canary) => new(canary, Look(canary, null));

    /// <summary>What is different now, a line for each thing, also what comes and goes.</summary>
    public List<string> DifferencesNow() => Describe(Compare(null));

    /// <summary>What has changed since, a line for each thing, but for what comes and goes.</summary>
    /// <param name="running">The host of a container that runs now: its folders, processes and mounts are left out. Null for none.</param>
    /// <param name="expected">Differences that every such container makes: they are left out, and not waited for.</param>
    public async Task<List<string>> DifferencesAsync(StasisHost? running = null, IReadOnlyList<string>? expected = null)
    {
        for (var attempt = 1; ; attempt++)
        {
            var differences = Compare(running);
            differences.RemoveAll(difference => expected?.Contains(difference.ToString()) == true);
            if (attempt == Attempts || !differences.Exists(difference => ComesAndGoes(difference.Subject)))
                return Describe(differences);
            await Task.Delay(Pause);
        }
    }

    private List<Difference> Compare(StasisHost? running) => [.. _facts.Differences(Look(_canary, running)).Where(Matters)];

    private static bool ComesAndGoes(string subject) => CgroupFacts.IsOfContainer(subject)
        || ((string[])["process ", "unix socket ", "mount "]).Any(kind => subject.StartsWith(kind, StringComparison.Ordinal));

    private static List<string> Describe(List<Difference> differences) => [.. differences.Select(difference => difference.ToString())];

    // Groups of other containers come and go, as do those of another test run's canary.
    private bool Matters(Difference difference)
    {
        var subject = difference.Subject;
        return CgroupFacts.IsOfContainer(subject)
            ? _canary.Container is { } own && subject.Contains(own, StringComparison.Ordinal)
            : !subject.StartsWith("cgroup ", StringComparison.Ordinal)
                || !subject.Contains("/" + Canary.Prefix, StringComparison.Ordinal)
                || subject.Contains(_canary.Target.Cgroup, StringComparison.Ordinal);
    }

    private static FactList Look(Canary canary, StasisHost? running)
    {
        bool IsLocal(string text) => running is not null
            && (text.Contains(running.Folder, StringComparison.Ordinal) || text.Contains(running.RunRoot, StringComparison.Ordinal));
        bool IsContainers(string text) => canary.Container is { } own && text.Contains(own, StringComparison.Ordinal);
        var space = new FileInfo("/proc/self/ns/pid").LinkTarget;
        return new FactList(
        [
            .. canary.Folders.SelectMany(FileTreeFacts.Read),
            .. ((string[])["/etc", "/usr/local"]).SelectMany(FileTreeFacts.List),
            .. FileTreeFacts.ListTop("/root"),
            .. canary.Programs.Select(FileTreeFacts.ReadProgram),
            .. MountFacts.Read("self").Where(fact => !IsLocal(fact.Subject)),
            .. CgroupFacts.Read(canary.Target.Cgroup).Where(fact => running is null || !IsContainers(fact.Subject)),
            .. SocketFacts.Read().Where(fact => !IsLocal(fact.Subject)),
            .. ProcessFacts.Read().Where(fact => !IsLocal(fact.State) && (running is null || IsIn(space, fact.Subject))),
            .. SysctlFacts.Read(),
        ]);
    }

    // Whether a process is in the test's PID namespace: a container's processes aren't.
    private static bool IsIn(string? space, string process) => new FileInfo($"/proc/{process.Split(' ')[1]}/ns/pid").LinkTarget == space;
}
