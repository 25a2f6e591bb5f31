using Stasis.Engine.Criu.Images;

namespace Stasis.Engine.Vetting.Images.Tasks;

/// <summary>
/// Finds the images that CRIU opens, beginning with the process tree, and leaves the others out of the verification. Podman doesn't empty
/// the folder before another checkpoint of a container, so that archives have images of processes that are gone. CRIU opens images that
/// have a number by that number alone, which an image that it reads names.
/// </summary>
internal static class ReachedImages
{
    // Images of a namespace, and the field of ids-PID.img that has their number.
    private static readonly Dictionary<string, string> Namespaces = new()
    {
        ["pidns-"] = "pid_ns_id",
        ["utsns-"] = "uts_ns_id",
        ["mountpoints-"] = "mnt_ns_id",
        ["userns-"] = "user_ns_id",
        ["timens-"] = "time_ns_id",
        ["ipcns-var-"] = "ipc_ns_id",
        ["ipcns-shm-"] = "ipc_ns_id",
        ["ipcns-msg-"] = "ipc_ns_id",
        ["ipcns-sem-"] = "ipc_ns_id",
    };

    public static void Apply(ImageVerification verification)
    {
        var numbers = new Dictionary<string, HashSet<ulong>>();
        AddTasks(verification, numbers);
        var images = verification.Images;
        foreach (var file in images.Read(ImageKind.Get("files").TheFile))
        {
            if (file.Child("isk") is { } socket)
                Add("tcp-stream-", socket.Number("ino"));
        }
        foreach (var remap in images.Read(ImageKind.Get("remap-fpath").TheFile))
            Add("ghost-file-", remap.Number("remap_id"));
        foreach (var memfd in images.Read(ImageKind.Get("memfd").TheFile))
            Add("pagemap-shmem-", memfd.Number("shmid"));
        foreach (var segment in Reached("ipcns-shm-").SelectMany(images.Read))
            Add("pagemap-shmem-", segment.Child("desc")?.Number("id") ?? 0);
        foreach (var mount in Reached("mountpoints-").SelectMany(images.Read))
            Add("tmpfs-dev-", mount.Number("root_dev"));
        Add("pages-");
        foreach (var map in (string[])["pagemap-", "pagemap-shmem-"])
        {
            Add(map);
            foreach (var head in Reached(map).Select(images.One).OfType<ImageRecord>())
                Add("pages-", head.Number("pages_id"));
        }
        images.LeaveOut(images.Files().Where(IsLeftBehind).ToHashSet());

        void Add(string kind, params ReadOnlySpan<ulong> found) => ReachedImages.Add(numbers, kind, found);

        IEnumerable<string> Reached(string kind) => numbers.GetValueOrDefault(kind, []).Select(ImageKind.Get(kind).File).Where(images.Has);

        bool IsLeftBehind(string file) => ImageKind.Find(file) is { Kind.Refused: null } found
            && numbers.TryGetValue(found.Kind.Name, out var reached) && !reached.Contains(found.Number);
    }

    private static void AddTasks(ImageVerification verification, Dictionary<string, HashSet<ulong>> numbers)
    {
        foreach (var kind in (string[])["core-", "ids-", "mm-", "fs-", "pagemap-", "fdinfo-", "tcp-stream-", "ghost-file-",
            "pagemap-shmem-", "tmpfs-dev-", .. Namespaces.Keys])
            Add(numbers, kind);
        foreach (var task in verification.Tasks)
        {
            foreach (var kind in (string[])["core-", "ids-", "mm-", "fs-", "pagemap-"])
                Add(numbers, kind, task.Pid);
            foreach (var thread in task.Threads)
                Add(numbers, "core-", thread);
            if (verification.Images.One(ImageKind.Get("ids-").File(task.Pid)) is { } ids)
            {
                Add(numbers, "fdinfo-", ids.Number("files_id"));
                foreach (var (kind, field) in Namespaces)
                    Add(numbers, kind, ids.Number(field));
            }
            foreach (var memory in verification.Images.Read(task.Memory))
            {
                foreach (var mapping in memory.Children("vmas"))
                    Add(numbers, "pagemap-shmem-", mapping.Number("shmid"));
            }
        }
    }

    private static void Add(Dictionary<string, HashSet<ulong>> numbers, string kind, params ReadOnlySpan<ulong> found)
    {
        if (!numbers.TryGetValue(kind, out var all))
            numbers[kind] = all = [];
        foreach (var number in found)
            all.Add(number);
    }
}

internal static partial class TaskImageCheckList
{
    internal static readonly ImageCheck Reached = Add(new(35, ReachedImages.Apply));
}
