using System.Globalization;
using Stasis.Engine.Criu.Images;
using Stasis.Engine.Vetting.Findings;
using Stasis.Engine.Vetting.Images.Tasks;

namespace Stasis.Engine.Vetting.Images.Files;

/// <summary>
/// Requires that open and mapped files are of a kind that CRIU creates within the container, and lie in one
/// of its mounts. CRIU opens files by name, as root, beneath the mount that the image names.
/// </summary>
internal static class FileImageRule
{
    public static readonly RuleDescriptor Rule = new()
    {
        Id = "image-file",
        Finds = "paths with `..`, or outside the mount that they name; files of the caller and of plug-ins",
    };

    private const int MostFiles = 2_000_000;
    private const uint TypeMask = 0xF000, Folder = 0x4000, Character = 0x2000, Block = 0x6000; // S_IFMT, …

    public static void Check(ImageVerification verification)
    {
        var file = ImageKind.Get("files").TheFile;
        var count = 0;
        foreach (var entry in verification.Images.Read(file))
        {
            var where = $"{verification.Images.Where(file)}[{count}]";
            if (count++ == MostFiles)
            {
                verification.Refuse(Rule, where, Text(MostFiles), "so many files no container has open");
                return;
            }
            CheckEntry(verification, where, entry);
        }
        count = 0;
        foreach (var entry in verification.Images.Read(file))
            CheckReferences(verification, $"{verification.Images.Where(file)}[{count++}]", entry);
    }

    private static void CheckEntry(ImageVerification verification, string where, ImageRecord entry)
    {
        var (type, id) = (entry.U32("type"), entry.U32("id"));
        if (OpenFile.FieldName(type) is not { } field || entry.Child(field) is not { } file)
        {
            verification.Refuse(
                Rule,
                $"{where}: type",
                Text(type),
                "a kind of file that a container's checkpoint has none of, or not the one that is described");
            return;
        }
        foreach (var other in entry.Message.Fields
            .Where(other => other.MessageName is not null && other.Name != field && entry.Has(other.Name)))
            verification.Refuse(Rule, $"{where}: {other.Name}", other.Name, "a file is described twice");
        if (file.U32("id") != id)
            verification.Refuse(Rule, $"{where}: {field}.id", Text(file.U32("id")), "a file has two IDs");
        if (!verification.Files.TryAdd(id, new OpenFile(type, type == OpenFile.Regular && (file.U32("mode") & TypeMask) == Folder)))
            verification.Refuse(Rule, $"{where}: id", Text(id), "two files have one ID");
        if (file.Message.Fields.Any(part => part.Name == "fown") && file.Child("fown") is { } owner)
            CheckOwner(verification, $"{where}: {field}.fown", owner);
        switch (type)
        {
            case OpenFile.Regular:
                CheckRegular(verification, $"{where}: reg", file);
                break;
            case OpenFile.Namespace:
                CheckNamespace(verification, $"{where}: nsf", file);
                break;
            case OpenFile.Inotify or OpenFile.Fanotify:
                WatchImageRule.Check(verification, $"{where}: {field}", file, type == OpenFile.Fanotify);
                break;
            case OpenFile.InetSocket or OpenFile.UnixSocket or OpenFile.PacketSocket or OpenFile.NetlinkSocket:
                SocketImageRule.Check(verification, $"{where}: {field}", file, type);
                break;
            case OpenFile.TimerFd:
                TimerImageRule.CheckClock(verification, $"{where}: tfd.clockid", file.U32("clockid"));
                break;
            case OpenFile.PidFd when verification.Allowed.Namespace("pid") is null:
                verification.Refuse(
                    Rule,
                    $"{where}: pidfd",
                    file.Signed("nspid").ToString(CultureInfo.InvariantCulture),
                    "a process of the host's, since the container has no PID namespace of its own");
                break;
        }
    }

    private static void CheckRegular(ImageVerification verification, string where, ImageRecord file)
    {
        var name = file.Text("name");
        if (file.Number("ext") != 0)
            verification.Refuse(Rule, $"{where}.ext", name, "a file that someone outside would hand to CRIU");
        if (!ImagePaths.IsPlain(name))
        {
            verification.Refuse(Rule, $"{where}.name", name, "a path that climbs, or isn't absolute");
            return;
        }
        var id = file.ZigZag("mnt_id", -1);
        if (id is < 0 or > uint.MaxValue || !verification.Mounts.TryGetValue((uint)id, out var mount))
            verification.Refuse(
                Rule,
                $"{where}.mnt_id",
                id.ToString(CultureInfo.InvariantCulture),
                $"{name} lies in a mount that is not there");
        else if (!ImagePaths.IsWithin(name, mount.Point))
            verification.Refuse(Rule, $"{where}.name", name, $"it doesn't lie in the mount that it names, {mount.Point}");
        if ((file.U32("mode") & TypeMask) is Character or Block && !IsKnownDevice(verification, name))
            verification.Refuse(DeviceList.Rule, $"{where}.name", name, "an opened device that the spec doesn't give the container", name);
    }

    // Nodes that a process with CAP_MKNOD has created itself are subject to the device cgroup.
    private static bool IsKnownDevice(ImageVerification verification, string name) =>
        verification.Allowed.Devices.Has(name) || verification.Allowed.May("CAP_MKNOD")
        || verification.Allowed.Spec.Mounts?.Any(
            mount => mount.Type is "bind" or null && mount.Destination != "/" && ImagePaths.IsWithin(name, mount.Destination)) == true;

    // A process can enter a namespace that it has open.
    private static void CheckNamespace(ImageVerification verification, string where, ImageRecord file)
    {
        if (verification.HostNamespaces is { } host && verification.Namespaces is { } own
            && host.Message.Fields
                .Where(field => field.Name.EndsWith("_ns_id", StringComparison.Ordinal))
                .Any(field => host.U32(field.Name) == file.U32("ns_id") && own.U32(field.Name) != file.U32("ns_id")))
            verification.Refuse(Rule, $"{where}.ns_id", Text(file.U32("ns_id")), "a process would hold a namespace of the host's open");
    }

    // The process that the kernel signals on events of the file (F_SETOWN), with the credentials of the process that set it.
    private static void CheckOwner(ImageVerification verification, string where, ImageRecord owner)
    {
        if (owner.U32("pid") is var pid and not 0 && !verification.Ids.Contains(pid) && verification.Allowed.Namespace("pid") is null)
            verification.Refuse(Rule, $"{where}.pid", Text(pid), "signals would go to a process of the host's");
        if (owner.U32("signum") > 64)
            verification.Refuse(Rule, $"{where}.signum", Text(owner.U32("signum")), "there is no such signal");
    }

    // References can be resolved only when all files are known.
    private static void CheckReferences(ImageVerification verification, string where, ImageRecord entry)
    {
        foreach (var (field, name) in ((string, string)[])[("fifo", "regf_id"), ("tty", "regf_id")])
        {
            if (entry.Child(field) is { } file && file.Has(name)
                && (!verification.Files.TryGetValue(file.U32(name), out var named) || named.Type != OpenFile.Regular))
                verification.Refuse(Rule, $"{where}: {field}.{name}", Text(file.U32(name)), "it names a file that is not there");
        }
    }

    private static string Text(uint number) => number.ToString(CultureInfo.InvariantCulture);
}

internal static partial class FileImageRules
{
    internal static readonly ImageCheck File = Add(new(90, FileImageRule.Check, FileImageRule.Rule, DeviceList.Rule));
}
