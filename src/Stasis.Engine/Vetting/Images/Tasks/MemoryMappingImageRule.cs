using System.Globalization;
using Stasis.Engine.Criu.Images;
using Stasis.Engine.Vetting.Findings;

namespace Stasis.Engine.Vetting.Images.Tasks;

/// <summary>
/// Requires that memory mappings are in order, made of whole pages, at addresses that a process can have, and
/// that mapped files are in the images.
/// </summary>
internal static class MemoryMappingImageRule
{
    public static readonly RuleDescriptor Rule = new()
    {
        Id = "image-vma",
        Finds = "mappings that overlap or map no file, flags that CRIU doesn't record, and advice that the kernel doesn't keep",
    };

    private const ulong Page = 4096, Highest = 1UL << 56, Vsyscall = 0xffffffffff600000;

    // criu/include/image.h: VMA_…. The status bits that CRIU writes for a container's mappings; those of
    // plug-ins and uprobes aren't among them.
    private const uint FilePrivate = 1 << 6, FileShared =
        1 << 7, AnonymousShared = 1 << 8, AnonymousPrivate = 1 << 9, SystemV = 1 << 10, Socket = 1 << 11, Ring = 1 << 13, OfMemfd = 1 << 14;
    private const uint Known = 0b1_1111_1111_1110_1111;

    // mmap(2): MAP_SHARED, MAP_PRIVATE, MAP_DROPPABLE, MAP_ANONYMOUS, MAP_GROWSDOWN, MAP_LOCKED, MAP_NORESERVE, MAP_HUGETLB with its sizes.
    private const uint Locked = 0x2000, KnownFlags = 0x1 | 0x2 | 0x8 | 0x20 | 0x100 | Locked | 0x4000 | 0x40000 | 0xFC000000;

    // madvise(2), a bit for each number: MADV_RANDOM, SEQUENTIAL, DONTFORK, MERGEABLE, HUGEPAGE, NOHUGEPAGE, DONTDUMP, WIPEONFORK. CRIU
    // would give any other advice, too, such as MADV_REMOVE.
    private const ulong KnownAdvice = 1 << 1 | 1 << 2 | 1 << 10 | 1 << 12 | 1 << 14 | 1 << 15 | 1 << 16 | 1 << 18;
    private const int MaxRings = 1024, MaxAuxiliary = 128, MaxMappings = 1 << 20;

    public static void Check(ImageVerification verification)
    {
        foreach (var task in verification.Tasks.Where(task => task.Alive))
        {
            if (verification.Images.One(task.Memory) is not { } memory)
                continue;
            var where = verification.Images.Where(task.Memory);
            if (!verification.Files.TryGetValue(memory.U32("exe_file_id"), out var program)
                || program is not { Type: OpenFile.Regular or OpenFile.Memfd, IsFolder: false })
                verification.Refuse(
                    Rule,
                    $"{where}: exe_file_id",
                    Text(memory.U32("exe_file_id")),
                    "the process's program is no file that is there");
            foreach (var field in memory.Message.Fields
                .Where(field => field.Name.StartsWith("mm_", StringComparison.Ordinal) && field.Name != "mm_saved_auxv"))
            {
                if (memory.Number(field.Name) > Highest)
                    verification.Refuse(Rule, $"{where}: {field.Name}", Hex(memory.Number(field.Name)), "an address that no process has");
            }
            if (memory.U32("dumpable") > 2)
                verification.Refuse(Rule, $"{where}: dumpable", Text(memory.U32("dumpable")), "there is no such setting");
            if (memory.Numbers("mm_saved_auxv").Take(MaxAuxiliary + 1).Count() > MaxAuxiliary)
                verification.Refuse(Rule, $"{where}: mm_saved_auxv", Text(MaxAuxiliary), "more than the kernel gives a program");
            if (memory.Children("aios").Take(MaxRings + 1).Count() > MaxRings)
                verification.Refuse(Rule, $"{where}: aios", Text(MaxRings), "more rings than a process can want");
            CheckMappings(verification, where, memory);
        }
    }

    private static void CheckMappings(ImageVerification verification, string where, ImageRecord memory)
    {
        var (end, count, locked) = (0UL, 0, 0UL);
        foreach (var mapping in memory.Children("vmas"))
        {
            var at = $"{where}: vmas[{count}]";
            if (count++ == MaxMappings)
            {
                verification.Refuse(Rule, at, Text(MaxMappings), "so many mappings no process has");
                return;
            }
            var (start, to, status) = (mapping.Number("start"), mapping.Number("end"), mapping.U32("status"));
            if (start % Page != 0 || to % Page != 0 || start >= to || start < end || (to > Highest && start != Vsyscall))
                verification.Refuse(
                    Rule,
                    at,
                    $"{Hex(start)}-{Hex(to)}",
                    "mappings that overlap, are out of order, not of pages, or at addresses that no process has");
            end = to;
            if ((status & ~Known) != 0)
                verification.Refuse(Rule, $"{at}.status", Hex(status), "a kind of mapping that no container's process has");
            if ((status & (FilePrivate | FileShared)) != 0)
                CheckFile(verification, at, mapping, status);
            else if ((status & Socket) != 0
                && !(verification.Files.TryGetValue((uint)mapping.Number("shmid"), out var socket) && socket.Type == OpenFile.PacketSocket))
                verification.Refuse(Rule, $"{at}.shmid", Hex(mapping.Number("shmid")), "a mapping of a socket that is not there");
            else if ((status & (AnonymousShared | AnonymousPrivate | SystemV | Ring)) == 0 && (status & OfMemfd) == 0 && start != Vsyscall)
                verification.Refuse(Rule, $"{at}.status", Hex(status), "a mapping of nothing");
            if ((mapping.U32("flags") & ~KnownFlags) != 0)
                verification.Refuse(Rule, $"{at}.flags", Hex(mapping.U32("flags")), "flags that no mapping has");
            if ((mapping.Number("madv") & ~KnownAdvice) != 0)
                verification.Refuse(Rule, $"{at}.madv", Hex(mapping.Number("madv")), "advice that the kernel doesn't keep of a mapping");
            if ((mapping.U32("flags") & Locked) != 0 && to > start)
                locked += to - start;
            if (mapping.ZigZag("fd", -1) != -1)
                verification.Refuse(
                    Rule,
                    $"{at}.fd",
                    mapping.ZigZag("fd", -1).ToString(CultureInfo.InvariantCulture),
                    "a field that CRIU leaves alone");
        }
        // CRIU locks them with CAP_IPC_LOCK, for which there is no limit.
        if (locked > LimitImageRule.GetMost(verification.Allowed, "RLIMIT_MEMLOCK") && !verification.Allowed.May("CAP_IPC_LOCK"))
            verification.Refuse(
                LimitImageRule.LimitRule,
                $"{where}: vmas.flags",
                $"{locked}",
                "more locked memory than the process may have",
                $"MEMLOCK={locked}");
    }

    private static void CheckFile(ImageVerification verification, string at, ImageRecord mapping, uint status)
    {
        var id = mapping.Number("shmid");
        if (id > uint.MaxValue || !verification.Files.TryGetValue((uint)id, out var file) || file.IsFolder
            || file.Type is not (OpenFile.Regular or OpenFile.Memfd))
            verification.Refuse(Rule, $"{at}.shmid", Hex(id), "a mapping of a file that is not there");
        if ((status & FilePrivate) != 0 && (status & FileShared) != 0)
            verification.Refuse(Rule, $"{at}.status", Hex(status), "a mapping both private and shared");
    }

    private static string Hex(ulong number) => number.ToString("x", CultureInfo.InvariantCulture);

    private static string Text(uint number) => number.ToString(CultureInfo.InvariantCulture);
}

internal static partial class TaskImageCheckList
{
    internal static readonly ImageCheck Mapping = Add(new(160, MemoryMappingImageRule.Check, MemoryMappingImageRule.Rule));
}
