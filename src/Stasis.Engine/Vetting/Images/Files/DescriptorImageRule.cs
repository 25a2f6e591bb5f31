using System.Globalization;
using Stasis.Engine.Criu.Images;
using Stasis.Engine.Vetting.Findings;
using Stasis.Engine.Vetting.Images.Tasks;

namespace Stasis.Engine.Vetting.Images.Files;

/// <summary>
/// Requires that descriptors, working directories, roots and descriptors in socket queues name files of the
/// images, of the right type.
/// </summary>
internal static class DescriptorImageRule
{
    public static readonly RuleDescriptor Rule = new()
    {
        Id = "image-descriptor",
        Finds = "descriptors of no file, or that occur twice; another process's memory; root directories other than the container's "
            + "without CAP_SYS_CHROOT, or in `/proc` and `/sys`",
    };

    private const uint Highest = 1 << 30; // above every fs.nr_open

    public static void Check(ImageVerification verification)
    {
        foreach (var table in verification.Tasks.Where(task => task.Alive).ToLookup(task => task.Files))
            CheckTable(verification, ImageKind.Get("fdinfo-").File(table.Key), [.. table]);
        foreach (var task in verification.Tasks.Where(task => task.Alive))
            CheckFolders(verification, ImageKind.Get("fs-").File(task.Pid));
        CheckQueues(verification);
    }

    private static void CheckTable(ImageVerification verification, string file, IReadOnlyList<TaskNode> tasks)
    {
        var numbers = new HashSet<uint>();
        foreach (var record in verification.Images.Read(file))
        {
            var where = $"{verification.Images.Where(file)}[{numbers.Count}]";
            var (id, type, number) = (record.U32("id"), record.U32("type"), record.U32("fd"));
            if (!verification.Files.TryGetValue(id, out var open) || open.Type != type)
                verification.Refuse(
                    Rule,
                    where,
                    $"{Text(number)}: {Text(id)}",
                    "a descriptor of a file that is not there, or not of that type");
            if (ModeBits.TypeOf(open.Mode) == ModeBits.Fifo)
                verification.Refuse(Rule, where, $"{Text(number)}: {Text(id)}", "a FIFO that CRIU would open as a regular file");
            if (verification.PrivateFiles.TryGetValue(id, out var owner) && tasks.Any(task => task.Pid != owner))
                verification.Refuse(
                    Rule,
                    where,
                    $"{Text(number)}: {Text(id)}",
                    $"the memory of process {owner}, which only that process itself may have open");
            if (number > Highest || !numbers.Add(number))
                verification.Refuse(Rule, $"{where}: fd", Text(number), "a descriptor that is there twice, or can't be");
            if ((record.U32("flags") & ~1u) != 0) // FD_CLOEXEC
                verification.Refuse(Rule, $"{where}: flags", Text(record.U32("flags")), "a descriptor has no such flag");
            if (record.Has("xattr_security_selinux"))
                CredentialsImageRule.CheckLabel(verification, $"{where}: xattr_security_selinux", record.Text("xattr_security_selinux"));
        }
    }

    private static void CheckFolders(ImageVerification verification, string file)
    {
        if (verification.Images.One(file) is not { } folders)
            return;
        foreach (var field in (string[])["cwd_id", "root_id"])
        {
            if (!verification.Files.TryGetValue(folders.U32(field), out var open) || !open.IsFolder)
                verification.Refuse(
                    Rule,
                    $"{verification.Images.Where(file)}: {field}",
                    Text(folders.U32(field)),
                    "a process has a folder that is not there");
        }
        if (!IsRoot(verification, folders.U32("root_id")) && !verification.Allowed.May("CAP_SYS_CHROOT"))
            verification.Refuse(
                Rule,
                $"{verification.Images.Where(file)}: root_id",
                Text(folders.U32("root_id")),
                "a process has another root directory than the container's, and the spec gives CAP_SYS_CHROOT to none");
        if (verification.KernelFiles.Contains(folders.U32("root_id")))
            verification.Refuse(
                Rule,
                $"{verification.Images.Where(file)}: root_id",
                Text(folders.U32("root_id")),
                "a process has a directory of the kernel's own as its root directory");
    }

    private static bool IsRoot(ImageVerification verification, uint file) => verification.RootDirectories.Contains(file);

    private static bool IsUnsendable(ImageVerification verification, uint file) =>
        verification.PrivateFiles.ContainsKey(file)
        || (verification.Files.TryGetValue(file, out var open) && ModeBits.TypeOf(open.Mode) == ModeBits.Fifo);

    private static void CheckQueues(ImageVerification verification)
    {
        var file = ImageKind.Get("sk-queues").TheFile;
        var count = 0;
        foreach (var packet in verification.Images.Read(file))
        {
            foreach (var message in packet.Children("scm"))
            {
                var where = $"{verification.Images.Where(file)}[{count}]: scm";
                if (message.U32("type") != 1) // SCM_RIGHTS
                    verification.Refuse(Rule, where, Text(message.U32("type")), "a message of a kind that CRIU doesn't save");
                foreach (var right in message.Numbers("rights").Where(right => !verification.Files.ContainsKey((uint)right)).Take(1))
                    verification.Refuse(Rule, where, Text((uint)right), "a file on its way through a socket that is not there");
                foreach (var right in message.Numbers("rights").Where(right => IsUnsendable(verification, (uint)right)).Take(1))
                    verification.Refuse(
                        Rule, where, Text((uint)right), "a process's memory, or a FIFO as a regular file, on its way through a socket");
            }
            count++;
        }
    }

    private static string Text(uint number) => number.ToString(CultureInfo.InvariantCulture);
}

internal static partial class FileImageCheckList
{
    internal static readonly ImageCheck Descriptor = Add(new(100, DescriptorImageRule.Check, DescriptorImageRule.Rule));
}
