namespace Stasis.EndToEndTests.Attacks;

/// <summary>What a host looks like: files, mounts, cgroups, sockets, processes and the kernel's settings.</summary>
internal sealed class HostSnapshot
{
    // Another program's container, or a process that is about to end, is gone in a moment; what an attack has done stays.
    private const int Attempts = 10;
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(200);

    private readonly Canary _canary;
    private readonly HostView _host;
    private readonly FactList _facts;

    private HostSnapshot(Canary canary, HostView host) => (_canary, _host, _facts) = (canary, host, Look(canary, host));

    public int Count => _facts.Count;

    /// <summary>Looks at a host.</summary>
    /// <param name="canary">What of the host attacks are aimed at.</param>
    /// <param name="host">The host; the test's own if not given.</param>
    public static HostSnapshot Take(Canary canary, HostView? host = null) => new(canary, host ?? HostView.Own);

    /// <summary>What is different now, a line for each thing, also what comes and goes.</summary>
    public List<string> DifferencesNow() => Describe(Compare([]));

    /// <summary>What has changed since, a line for each thing, but for what comes and goes.</summary>
    /// <param name="running">
    /// Parts of names that a container which runs now has on the host, such as its ID: what is named so is left out. Empty for none.
    /// </param>
    /// <param name="expected">Differences that every such container makes: they are left out, and not waited for.</param>
    public async Task<List<string>> DifferencesAsync(IReadOnlyList<string>? running = null, IReadOnlyList<string>? expected = null)
    {
        for (var attempt = 1; ; attempt++)
        {
            var differences = Compare(running ?? []);
            differences.RemoveAll(difference => expected?.Contains(difference.ToString()) == true);
            if (attempt == Attempts || !differences.Exists(difference => ComesAndGoes(difference.Subject)))
                return Describe(differences);
            await Task.Delay(Pause);
        }
    }

    private List<Difference> Compare(IReadOnlyList<string> running) =>
    [
        .. _facts.Differences(Look(_canary, _host))
            .Where(difference => Matters(difference) && !(running.Count > 0 && IsOfRunning(difference, running))),
    ];

    // A process is known by its command line, or by its PID namespace.
    private bool IsOfRunning(Difference difference, IReadOnlyList<string> running)
    {
        var isProcess = difference.Subject.StartsWith("process ", StringComparison.Ordinal);
        var name = isProcess ? difference.After ?? difference.Before! : difference.Subject;
        return running.Any(part => name.Contains(part, StringComparison.Ordinal))
            || (isProcess && difference.Before is null && !IsInHost(difference.Subject.Split(' ')[1]));
    }

    private bool IsInHost(string process) =>
        ((string[])["self", _host.Process]).Any(other => ReadPidNamespace(other) == ReadPidNamespace(process));

    private static bool ComesAndGoes(string subject) => CgroupFacts.IsOfContainer(subject)
        || ((string[])["process ", "unix socket ", "mount ", "sysctl net/"])
            .Any(kind => subject.StartsWith(kind, StringComparison.Ordinal));

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

    private static FactList Look(Canary canary, HostView host) => new(
    [
        .. canary.Folders.SelectMany(FileTreeFacts.Read),
        .. ((string[])["/etc", "/usr/local"]).SelectMany(folder => FileTreeFacts.List(host.Root + folder)),
        .. FileTreeFacts.ListTop(host.Root + "/root"),
        .. canary.Programs.Select(FileTreeFacts.ReadProgram),
        .. MountFacts.Read(host.Process),
        .. CgroupFacts.Read(canary.Target.Cgroup),
        .. SocketFacts.Read(host.Process),
        .. ProcessFacts.Read(),
        .. SysctlFacts.Read(host.NetNs),
    ]);

    private static string? ReadPidNamespace(string process) => new FileInfo($"/proc/{process}/ns/pid").LinkTarget;
}
