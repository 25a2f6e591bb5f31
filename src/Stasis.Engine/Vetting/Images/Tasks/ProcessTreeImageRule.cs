using System.Globalization;
using Stasis.Engine.Criu.Images;
using Stasis.Engine.Vetting.Findings;

namespace Stasis.Engine.Vetting.Images.Tasks;

/// <summary>Requires that the process tree has one root, that parents come before their children, and that no ID occurs twice.</summary>
internal static class ProcessTreeImageRule
{
    public static readonly RuleDescriptor Rule = new()
    {
        Id = "image-tree",
        Finds = "processes that occur twice or have no parent, IDs that no process can have, and sessions and process groups of the host's",
    };

    private const uint HighestPid = 1 << 22; // PID_MAX_LIMIT
    private const int MaxThreads = 65_536; // of all processes: each has an image, and is compared with others

    public static void Check(ImageVerification verification)
    {
        var file = ImageKind.Get("pstree").TheFile;
        var where = verification.Images.Where(file);
        var tasks = new List<TaskNode>();
        var processes = new HashSet<uint>();
        verification.Tasks = tasks;
        foreach (var record in verification.Images.Read(file))
        {
            var (pid, parent) = (record.U32("pid"), record.U32("ppid"));
            uint[] threads = [.. record.Numbers("threads").Take(MaxThreads + 1).Select(number => (uint)number)];
            if (verification.Ids.Count + threads.Length is var count and > MaxThreads)
            {
                verification.Refuse(Rule, where, Text((uint)count), $"more than {MaxThreads} processes and threads");
                break;
            }
            var at = $"{where}[{tasks.Count}]";
            if (tasks.Count == 0 ? parent != 0 : !processes.Contains(parent))
                verification.Refuse(
                    Rule,
                    $"{at}: ppid",
                    Text(parent),
                    tasks.Count == 0 ? "the first process has a parent" : "the parent is not there, or comes later");
            // For a dead process, CRIU writes uninitialized thread IDs, and doesn't read them.
            if (threads.Length == 0 || (threads[0] != pid && !(threads.Length == 1 && TaskCompletenessImageRule.IsDead(verification, pid))))
                verification.Refuse(
                    Rule,
                    $"{at}: threads",
                    Text(threads.FirstOrDefault()),
                    "the first thread of a process has another ID than the process");
            foreach (var id in (uint[])[pid, .. threads.Skip(1), record.U32("pgid"), record.U32("sid")])
            {
                if (id > HighestPid || (id == 0 && id == pid))
                    verification.Refuse(Rule, at, Text(id), "an ID that no process can have");
            }
            // 0 is the runtime's own session and group, which are the host's: with kill(0, …), a process would signal all in them.
            foreach (var field in ((string[])["pgid", "sid"]).Where(field => record.U32(field) == 0))
                verification.Refuse(Rule, $"{at}: {field}", "0", "a session or process group from outside of the container");
            foreach (var id in (uint[])[pid, .. threads.Skip(1)])
            {
                if (!verification.Ids.Add(id))
                    verification.Refuse(Rule, at, Text(id), "the ID is there twice");
            }
            processes.Add(pid);
            tasks.Add(new TaskNode(pid, parent, [pid, .. threads.Skip(1)]));
        }
        if (tasks.Count == 0)
            verification.Refuse(Rule, where, "0", "there is no process");
        else if (verification.Allowed.Namespace("pid") is { Path: null or "" } && tasks[0].Pid != 1)
            verification.Refuse(
                Rule,
                $"{where}[0]: pid",
                Text(tasks[0].Pid),
                "the first process of a container with a PID namespace of its own has the ID 1");
    }

    private static string Text(uint number) => number.ToString(CultureInfo.InvariantCulture);
}

internal static partial class TaskImageCheckList
{
    internal static readonly ImageCheck ProcessTree = Add(new(30, ProcessTreeImageRule.Check, ProcessTreeImageRule.Rule));
}
