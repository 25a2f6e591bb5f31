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
        Finds = "descriptors of no file, or that occur twice",
    };

    private const uint Highest = 1 << 30; // above every fs.nr_open

    public static void Check(ImageVerification verification)
    {
        foreach (var table in verification.Tasks.Where(task => task.Alive).Select(task => task.Files).Distinct())
            CheckTable(verification, ImageKind.Get("fdinfo-").File(table));
        foreach (var task in verification.Tasks.Where(task => task.Alive))
            CheckFolders(verification, ImageKind.Get("fs-").File(task.Pid));
        CheckQueues(verification);
    }

    private static void CheckTable(ImageVerification verification, string file)
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
    }

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
            }
            count++;
        }
    }

    private static string Text(uint number) => number.ToString(CultureInfo.InvariantCulture);
}

internal static partial class FileImageRules
{
    internal static readonly ImageCheck Descriptor = Add(new(100, DescriptorImageRule.Check, DescriptorImageRule.Rule));
}
