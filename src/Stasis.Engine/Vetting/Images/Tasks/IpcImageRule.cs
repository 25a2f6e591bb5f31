using System.Globalization;
using Stasis.Engine.Criu.Images;
using Stasis.Engine.Vetting.Findings;

namespace Stasis.Engine.Vetting.Images.Tasks;

/// <summary>Checks System V IPC and memfds: unique IDs, possible sizes, and messages that fit CRIU's buffer.</summary>
internal static class IpcImageRule
{
    public static readonly RuleDescriptor Rule = new()
    {
        Id = "image-ipc",
        Finds = "System V IPC objects and memfds that occur twice or can't be; memfds with setuid and setgid bits; messages "
            + "longer than CRIU's buffer",
    };

    private const uint MaxMessageLength = 8192, MaxSemaphores = 32000; // MSGMAX: the buffer in CRIU; SEMMSL
    private const ulong Largest = 1UL << 46;
    private const uint HugePages = 0xFC000000, OfMemfd = 0x4, OfSegment = 0x800; // MFD_HUGE_…, SHM_HUGE_…, MFD_HUGETLB, SHM_HUGETLB

    public static void Check(ImageVerification verification)
    {
        foreach (var file in verification.Images.Files())
        {
            if (ImageKind.Find(file)?.Kind.Name is not { } name)
                continue;
            if (name is "ipcns-shm-" or "ipcns-msg-" or "ipcns-sem-")
                CheckObjects(verification, file);
            else if (name == "memfd")
                CheckMemfds(verification, file);
        }
    }

    private static void CheckObjects(ImageVerification verification, string file)
    {
        var ids = new HashSet<uint>();
        foreach (var record in verification.Images.Read(file))
        {
            var where = $"{verification.Images.Where(file)}[{ids.Count}]";
            if (record.Message.Name == "ipc_msg" && record.Number("msize") > MaxMessageLength)
                verification.Refuse(
                    Rule,
                    $"{where}: msize",
                    record.Number("msize").ToString(CultureInfo.InvariantCulture),
                    "a message longer than the buffer that CRIU reads it into");
            if (record.Message.Name == "ipc_msg" || record.Child("desc") is not { } description)
                continue;
            if (!ids.Add(description.U32("id")))
                verification.Refuse(Rule, $"{where}: id", Text(description.U32("id")), "two of one ID");
            if ((description.U32("mode") & ~0x3FFFu) != 0)
                verification.Refuse(
                    Rule,
                    $"{where}: mode",
                    Text(description.U32("mode")),
                    "more than permissions, which CRIU would pass on as flags");
            if (record.Message.Name == "ipc_shm_entry" && record.Number("size") > Largest)
                verification.Refuse(
                    Rule,
                    $"{where}: size",
                    record.Number("size").ToString(CultureInfo.InvariantCulture),
                    "more than a machine has");
            if (record.Message.Name == "ipc_shm_entry" && (record.U32("hugetlb_flag") & ~(HugePages | OfSegment)) != 0)
                verification.Refuse(Rule, $"{where}: hugetlb_flag", Text(record.U32("hugetlb_flag")), "no size of huge pages");
            if (record.Message.Name == "ipc_sem_entry" && record.U32("nsems") > MaxSemaphores)
                verification.Refuse(Rule, $"{where}: nsems", Text(record.U32("nsems")), "more than the kernel allows in a set");
        }
    }

    private static void CheckMemfds(ImageVerification verification, string file)
    {
        var ids = new HashSet<ulong>();
        foreach (var record in verification.Images.Read(file))
        {
            var where = $"{verification.Images.Where(file)}[{ids.Count}]";
            if (!ids.Add(record.Number("inode_id")))
                verification.Refuse(
                    Rule,
                    $"{where}: inode_id",
                    record.Number("inode_id").ToString(CultureInfo.InvariantCulture),
                    "two of one ID");
            if (record.Text("name").Length > 249)
                verification.Refuse(Rule, $"{where}: name", record.Text("name"), "a name that is too long for the kernel");
            if (record.Number("size") > Largest)
                verification.Refuse(
                    Rule,
                    $"{where}: size",
                    record.Number("size").ToString(CultureInfo.InvariantCulture),
                    "more than a machine has");
            if ((record.U32("hugetlb_flag") & ~(HugePages | OfMemfd)) != 0)
                verification.Refuse(Rule, $"{where}: hugetlb_flag", Text(record.U32("hugetlb_flag")), "no size of huge pages");
            if (record.Has("mode") && (ModeBits.TypeOf(record.U32("mode")) is not (0 or ModeBits.Regular)
                || (record.U32("mode") & (ModeBits.SetUserId | ModeBits.SetGroupId)) != 0))
                verification.Refuse(
                    Rule,
                    $"{where}: mode",
                    Text(record.U32("mode")),
                    "no regular file, or a setuid or setgid one, which CRIU would create as root");
        }
    }

    private static string Text(uint number) => number.ToString(CultureInfo.InvariantCulture);
}

internal static partial class TaskImageCheckList
{
    internal static readonly ImageCheck Ipc = Add(new(180, IpcImageRule.Check, IpcImageRule.Rule));
}
