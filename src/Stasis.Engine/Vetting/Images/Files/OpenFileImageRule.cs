using System.Globalization;
using System.Runtime.InteropServices;
using Stasis.Engine.Criu.Images;
using Stasis.Engine.Vetting.Findings;
using Stasis.Engine.Vetting.Images.Tasks;

namespace Stasis.Engine.Vetting.Images.Files;

/// <summary>
/// Requires that open and mapped files are of a kind that CRIU creates within the container, and lie in one
/// of its mounts. CRIU opens files by name, as root, beneath the mount that the image names.
/// </summary>
internal static class OpenFileImageRule
{
    public static readonly RuleDescriptor Rule = new()
    {
        Id = "image-file",
        Finds = "open files outside the mount that they name, of a type that CRIU doesn't dump so, or with flags that the kernel never "
            + "reports, such as O_CREAT; files of the caller and of plug-ins",
    };

    private const int MaxFiles = 2_000_000;

    // O_CREAT, O_EXCL, O_NOCTTY, O_TRUNC: the kernel forgets them once a file is open (fs/open.c: do_dentry_open). CRIU would heed them.
    private const uint Forgotten = 0x40 | 0x80 | 0x100 | 0x200;
    private const uint AccessMode = 3, PathOnly = 0x200000; // O_ACCMODE, O_PATH

    private static readonly uint NoFollow = // O_NOFOLLOW
        RuntimeInformation.OSArchitecture == Architecture.Arm64 ? 0x8000u : 0x20000u;

    public static void Check(ImageVerification verification)
    {
        var file = ImageKind.Get("files").TheFile;
        var count = 0;
        foreach (var entry in verification.Images.Read(file))
        {
            var where = $"{verification.Images.Where(file)}[{count}]";
            if (count++ == MaxFiles)
            {
                verification.Refuse(Rule, where, Text(MaxFiles), "so many files no container has open");
                return;
            }
            CheckEntry(verification, count - 1, where, entry);
        }
        count = 0;
        var fifos = new HashSet<uint>();
        foreach (var entry in verification.Images.Read(file))
            CheckReferences(verification, $"{verification.Images.Where(file)}[{count++}]", entry, fifos);
        foreach (var (id, open) in verification.Files)
        {
            // CRIU opens a FIFO at its regular file's entry only for the sake of another entry; any other open would wait for a writer.
            if (ModeBits.TypeOf(open.Mode) == ModeBits.Fifo && !fifos.Contains(id))
                verification.Refuse(Rule, $"{verification.Images.Where(file)}: id", Text(id), "a FIFO that is described as a regular file");
        }
    }

    private static void CheckEntry(ImageVerification verification, int index, string where, ImageRecord entry)
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
        if (!verification.Files.TryAdd(id, new OpenFile(type, type == OpenFile.Regular ? file.U32("mode") : 0)))
            verification.Refuse(Rule, $"{where}: id", Text(id), "two files have one ID");
        if (file.Message.Fields.Any(part => part.Name == "fown") && file.Child("fown") is { } owner)
            CheckOwner(verification, $"{where}: {field}.fown", owner);
        switch (type)
        {
            case OpenFile.Regular:
                CheckRegular(verification, index, $"{where}: reg", id, file);
                break;
            case OpenFile.Tty when (file.U32("flags") & Forgotten) != 0:
                verification.Refuse(Rule, $"{where}: tty.flags", Octal(file.U32("flags")), "flags that the kernel never reports");
                break;
            case OpenFile.Namespace:
                CheckNamespace(verification, $"{where}: nsf", file);
                break;
            case OpenFile.Inotify or OpenFile.Fanotify:
                WatchImageRule.Check(verification, index, $"{where}: {field}", file, type == OpenFile.Fanotify);
                break;
            case OpenFile.InetSocket or OpenFile.UnixSocket or OpenFile.PacketSocket or OpenFile.NetlinkSocket:
                SocketImageRule.Check(verification, index, $"{where}: {field}", file, type);
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

    private static void CheckRegular(ImageVerification verification, int index, string where, uint id, ImageRecord file)
    {
        var (name, flags, mode) = (NameOf(file), file.U32("flags"), file.U32("mode"));
        if (file.Number("ext") != 0)
            verification.Refuse(Rule, $"{where}.ext", name, "a file that someone outside would hand to CRIU");
        if ((flags & Forgotten) != 0)
            verification.Refuse(Rule, $"{where}.flags", $"{name}: {Octal(flags)}", "flags that the kernel never reports of an open file");
        var mount = FindMount(verification, where, id, file, name, out var mounts);
        if (mounts is null)
            return;
        var remap = verification.Remaps.Find(id);
        var path = new ImagePathField
        {
            Image = verification.Images.Where(ImageKind.Get("files").TheFile),
            Index = index,
            Field = "reg.name",
            Bytes = file.Bytes("name")[..^(name.Length < file.Text("name").Length ? 1 : 0)].ToArray(),
            Use = remap?.Type switch { RemapTable.Ghost => PathUse.Ghost, RemapTable.Linked => PathUse.Linked, _ => PathUse.Open },
            Mode = ModeBits.TypeOf(mode),
            Mounts = mounts,
        };
        if (verification.Remaps.LinkTargets.Contains(id))
        {
            // Made by CRIU at the dump, without a mount and a mode; DeletedFileImageRule judges the name.
            if (ImagePathSyntax.IsPlain(name))
                PathImageRule.AddOwnNameOfCriu(verification, path);
            return;
        }
        CheckType(verification, where, name, mode, flags);
        if (PathImageRule.Add(verification, path) is not { } covering)
            return;
        if (mount is not null && covering.Id != mount.Id)
            verification.Refuse(
                PathImageRule.Rule,
                $"{where}.name",
                name,
                $"it lies in the mount at {covering.Point}, and names the one at {mount.Point}");
        var isWritten = (flags & AccessMode) != 0 && (flags & PathOnly) == 0;
        if (name == "/")
            verification.RootDirectories.Add(id);
        if (KernelFileImageRule.IsKernels(covering.FileSystem))
        {
            verification.KernelFiles.Add(id);
            KernelFileImageRule.Check(
                verification,
                $"{where}.name",
                name,
                covering,
                new OpenKernelFile(id, ModeBits.TypeOf(mode) == ModeBits.Directory, isWritten));
        }
        if (path.Use is PathUse.Ghost or PathUse.Linked)
            PathImageRule.RequireWritable(verification, $"{where}.name", name, covering);
        else if (isWritten && path.Mode == ModeBits.Regular && !KernelFileImageRule.IsKernels(covering.FileSystem)
            && verification.SpecWriteAccess.IsReadOnly(name, covering))
            verification.Refuse(PathImageRule.Rule, $"{where}.name", name, "it is open for writing where the container can't write");
    }

    // A process's directory in /proc is "/proc/1/" where CRIU has looked whether the process is alive (criu/files-reg.c: check_path_remap).
    private static string NameOf(ImageRecord file)
    {
        var name = file.Text("name");
        return name.EndsWith('/') && name.StartsWith("/proc/", StringComparison.Ordinal) && name.Length > "/proc/".Length
            && !name.AsSpan("/proc/".Length, name.Length - 1 - "/proc/".Length).ContainsAnyExceptInRange('0', '9')
            ? name[..^1]
            : name;
    }

    // Files of a container's checkpoint name the mount that they lie in; only what CRIU has made itself names none.
    private static MountNode? FindMount(
        ImageVerification verification, string where, uint id, ImageRecord file, string name, out MountPointIndex? mounts)
    {
        var number = file.ZigZag("mnt_id", -1);
        mounts = PathImageRule.FindMounts(verification, number);
        if (number == -1 && verification.Remaps.LinkTargets.Contains(id))
            return null;
        if (number is < 0 or > uint.MaxValue || !verification.Mounts.TryGetValue((uint)number, out var mount))
        {
            verification.Refuse(
                Rule, $"{where}.mnt_id", PathImageRule.Text(number), $"{name} lies in a mount that is not there");
            return null;
        }
        if (ImagePathSyntax.IsPlain(name) && !ImagePathSyntax.IsWithin(name, mount.Point))
            verification.Refuse(Rule, $"{where}.name", name, $"it doesn't lie in the mount that it names, {mount.Point}");
        return mount;
    }

    private static void CheckType(ImageVerification verification, string where, string name, uint mode, uint flags)
    {
        switch (ModeBits.TypeOf(mode))
        {
            case ModeBits.Regular or ModeBits.Directory or ModeBits.Fifo:
                break;
            case ModeBits.Character or ModeBits.Block:
                if (!IsKnownDevice(verification, name))
                    verification.Refuse(
                        AllowedDeviceNodes.Rule, $"{where}.name", name, "an opened device that the spec doesn't give the container", name);
                break;
            case ModeBits.Link when (flags & PathOnly) != 0 && (flags & NoFollow) != 0:
                break; // the link itself is open
            case ModeBits.Link:
                verification.Refuse(Rule, $"{where}.mode", name, "a symbolic link that CRIU would follow");
                break;
            default:
                verification.Refuse(Rule, $"{where}.mode", $"{name}: {Octal(mode)}", "a type of file that CRIU doesn't dump so");
                break;
        }
    }

    // Nodes that a process with CAP_MKNOD has created itself are subject to the device cgroup.
    private static bool IsKnownDevice(ImageVerification verification, string name) =>
        verification.Allowed.Devices.Has(name) || verification.Allowed.May("CAP_MKNOD")
        || verification.Allowed.Spec.Mounts?.Any(
            mount => mount.Type is "bind" or null && mount.Destination != "/" && ImagePathSyntax.IsWithin(name, mount.Destination)) == true;

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
    private static void CheckReferences(ImageVerification verification, string where, ImageRecord entry, HashSet<uint> fifos)
    {
        if (entry.Child("fifo") is { } fifo && fifo.Has("regf_id"))
            fifos.Add(fifo.U32("regf_id"));
        foreach (var (field, name) in ((string, string)[])[("fifo", "regf_id"), ("tty", "regf_id")])
        {
            if (entry.Child(field) is { } file && file.Has(name)
                && (!verification.Files.TryGetValue(file.U32(name), out var named) || named.Type != OpenFile.Regular))
                verification.Refuse(Rule, $"{where}: {field}.{name}", Text(file.U32(name)), "it names a file that is not there");
        }
    }

    private static string Octal(uint number) => "0" + Convert.ToString(number, 8);

    private static string Text(uint number) => number.ToString(CultureInfo.InvariantCulture);
}

internal static partial class FileImageCheckList
{
    internal static readonly ImageCheck File = Add(new(90, OpenFileImageRule.Check, OpenFileImageRule.Rule, AllowedDeviceNodes.Rule));
}
