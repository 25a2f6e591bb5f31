using System.Globalization;
using Stasis.Engine.Criu.Images;
using Stasis.Engine.Vetting.Findings;

namespace Stasis.Engine.Vetting.Images.Tasks;

/// <summary>Requires that every process has its images.</summary>
internal static class TaskCompletenessImageRule
{
    public static readonly RuleDescriptor Rule = new()
    {
        Id = "image-task",
        Finds = "processes that lack images or are of another architecture",
    };

    private const uint Alive = 1, Dead = 2, Stopped = 3, Zombie = 6; // compel/include/uapi/task-state.h

    private static readonly uint Machine = System.Runtime.InteropServices.RuntimeInformation.OSArchitecture switch
    {
        System.Runtime.InteropServices.Architecture.X64 => 1u,
        System.Runtime.InteropServices.Architecture.Arm64 => 3u,
        _ => 0u,
    };

    public static void Check(ImageVerification verification)
    {
        foreach (var task in verification.Tasks)
        {
            CheckTask(verification, task);
            foreach (var thread in task.Threads.Skip(1))
                CheckCore(verification, ImageKind.Get("core-").File(thread), first: false);
        }
    }

    /// <summary>Whether a process is dead or a zombie, by its image.</summary>
    public static bool IsDead(ImageVerification verification, uint pid) =>
        verification.Images.One(ImageKind.Get("core-").File(pid))?.Child("tc")?.U32("task_state") is Dead or Zombie;

    private static void CheckTask(ImageVerification verification, TaskNode task)
    {
        var core = CheckCore(verification, task.Core, first: true);
        var state = core?.Child("tc")?.U32("task_state") ?? Alive;
        if (state is not (Alive or Dead or Stopped or Zombie))
            verification.Refuse(
                Rule,
                $"{verification.Images.Where(task.Core)}: tc.task_state",
                state.ToString(CultureInfo.InvariantCulture),
                "a state that no process has in an image");
        task.Alive = state is not (Dead or Zombie);
        var ids = ImageKind.Get("ids-").File(task.Pid);
        if (verification.Images.One(ids) is { } objects)
            task.Files = objects.U32("files_id");
        if (!task.Alive)
            return;
        foreach (var needed in (string[])[ids, task.Memory, ImageKind
            .Get("fs-")
            .File(task.Pid), ImageKind.Get("pagemap-").File(task.Pid), ImageKind.Get("fdinfo-").File(task.Files)])
        {
            if (!verification.Images.Has(needed))
                verification.Refuse(Rule, verification.Images.Where(needed), $"{task}", "an image of a process is missing");
        }
    }

    private static ImageRecord? CheckCore(ImageVerification verification, string file, bool first)
    {
        var where = verification.Images.Where(file);
        if (verification.Images.One(file) is not { } core)
        {
            verification.Refuse(Rule, where, file, "an image of a process is missing");
            return null;
        }
        if (core.U32("mtype") != Machine)
            verification.Refuse(
                Rule,
                $"{where}: mtype",
                core.U32("mtype").ToString(CultureInfo.InvariantCulture),
                "a process of another machine's architecture");
        if (core.Has("tc") != first)
            verification.Refuse(
                Rule,
                $"{where}: tc",
                first ? "" : "tc",
                "what belongs to a process as a whole must be in its first thread's image, and there alone");
        if (core.Has("ids"))
            verification.Refuse(Rule, $"{where}: ids", "ids", "what CRIU writes into another image");
        return core;
    }
}

internal static partial class TaskImageCheckList
{
    internal static readonly ImageCheck TaskFiles = Add(new(40, TaskCompletenessImageRule.Check, TaskCompletenessImageRule.Rule));
}
