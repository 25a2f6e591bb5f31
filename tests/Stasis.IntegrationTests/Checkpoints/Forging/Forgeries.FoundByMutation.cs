using Stasis.Engine.Criu.Images;
using Stasis.Tests.Mutations;

namespace Stasis.IntegrationTests.Checkpoints.Forging;

internal static partial class Forgeries
{
    private const int Locked = 0x2000, Remove = 1 << 9; // MAP_LOCKED, MADV_REMOVE

    /// <summary>Fields that CRIU obeys and that no rule held until every field of real images was changed.</summary>
    private static void AddFoundByMutation(Adding add)
    {
        add("image-seccomp", "no filter, in the field of the past",
            images => images.Edit("core-1.img", core => core.Set("tc.old_seccomp_mode", 0)));
        add("image-seccomp", "another filter, in the field of the past",
            images => images.Edit("core-1.img", core => core.Set("tc.old_seccomp_filter", 1)));
        add("image-tree", "the runtime's session", images => images.Edit("pstree.img", task => task.Set("sid", 0)));
        add("image-tree", "the runtime's process group", images => images.Edit("pstree.img", task => task.Set("pgid", 0)));
        add("image-rlimit", "more locked memory than the limit", images => images.Edit("mm-1.img", LockAll));
        add("image-vma", "a mapping at no place of its own",
            images => images.Edit("mm-1.img", memory => memory.Set("vmas[0].flags", 0x100000 /* MAP_FIXED_NOREPLACE */)));
        add("image-vma", "advice that empties a file", images => images.Edit("mm-1.img", memory => memory.Set("vmas[0].madv", Remove)));
        add("image-pipe", "a pipe larger than the limit", images => images.Edit("pipes-data.img", pipe => pipe.Set("size", 1 << 30)));
        add("image-ipc", "a setuid memfd", images => images.Edit("memfd.img", memfd => memfd.Set("mode", 0x89ED)));
        add("image-ipc", "a segment with other flags",
            images => images.Edit(images.The("ipcns-shm-"), segment => segment.Set("hugetlb_flag", 0x1000)));
        add("image-namespace", "a PID namespace from outside", images => images.Make(
            ImageKind.Get("pidns-").File(images.Records("ids-1.img")[0].Number("pid_ns_id")),
            new ImageNode(ImageSchema.Message("pidns_entry")).Set("ext_key", "extRootPidNS")));
        add("image-socket", "more unsent than there is to send", images => images.Make(
            ImageKind.Get("tcp-stream-").File(images.Records("files.img").First(file => file.Has("isk")).Number("isk.ino")),
            new ImageNode(ImageSchema.Message("tcp_stream_entry"))
                .Set("inq_len", 0).Set("inq_seq", 1).Set("outq_len", 0).Set("outq_seq", 1).Set("opt_mask", 0).Set("snd_wscale", 0)
                .Set("mss_clamp", 1000).Set("unsq_len", 4096)));
        add("image-tty", "a console described as a pseudo-terminal",
            images => images.Edit("tty-info.img", terminal => terminal.Set("rdev", 0x401)));
    }

    private static void LockAll(ImageNode memory)
    {
        for (var i = 0; i < memory.Count("vmas"); i++)
            memory.Set($"vmas[{i}].flags", memory.Number($"vmas[{i}].flags") | Locked);
        // Of the addresses that follow all others: so much no limit allows.
        memory.Add("vmas", memory.Child("vmas[0]"));
        var last = $"vmas[{memory.Count("vmas") - 1}]";
        memory.Set($"{last}.start", 1UL << 47).Set($"{last}.end", 1UL << 48);
    }
}
