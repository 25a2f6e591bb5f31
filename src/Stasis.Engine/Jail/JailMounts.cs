using System.Text;
using Microsoft.Win32.SafeHandles;
using Stasis.Engine.Criu;
using Stasis.Linux.Files;
using Stasis.Linux.Mounts;

namespace Stasis.Engine.Jail;

/// <summary>
/// The jail's mounts, in the calling thread's mount namespace: a root of its own in which the host can't be named. Mounts that are
/// only read are read-only for good (<see cref="LockedMountClone"/>): CRIU has all that it takes to remount them writable.
/// </summary>
internal static class JailMounts
{
    /// <summary>Folder of the jail for what has no path of the host's.</summary>
    public const string PrivateFolder = "/.stasis";

    /// <summary>Folder of the jail with a program "criu", which runs CRIU in the container's cgroup namespace.</summary>
    public const string CriuFolder = PrivateFolder + "/bin";

    private const string CgroupNamespaceFile = PrivateFolder + "/cgroup-namespace";
    private const string PagesSocketName = "lazy-pages.socket"; // criu/uffd.c
    private const string Programs = PrivateFolder + "/programs";
    private const MountRestrictions Closed = MountRestrictions.ReadOnly | MountRestrictions.NoSuid | MountRestrictions.NoDev;

    // Of the IPC and UTS namespaces, which CRIU sets up through /proc/sys. All others there are the host's.
    private static readonly string[] NamespacedSettings =
    [
        "kernel/hostname", "kernel/domainname", "kernel/sem", "kernel/msgmax", "kernel/msgmnb", "kernel/msgmni", "kernel/auto_msgmni",
        "kernel/shmmax", "kernel/shmall", "kernel/shmmni", "kernel/shm_rmid_forced", "kernel/msg_next_id", "kernel/sem_next_id",
        "kernel/shm_next_id", "fs/mqueue/queues_max", "fs/mqueue/msg_max", "fs/mqueue/msgsize_max", "fs/mqueue/msg_default",
        "fs/mqueue/msgsize_default",
    ];

    private static readonly string[] HiddenFiles = ["kcore", "kmsg", "kallsyms", "sysrq-trigger", "iomem", "ioports", "keys"];
    private static readonly string[] ReadOnlyFolders = ["sys", "irq", "bus", "fs"];

    /// <summary>Mounts everything at the plan's staging folder, and makes that the thread's root.</summary>
    /// <param name="plan">What is there.</param>
    /// <param name="console">Socket through which the runtime passes the container's terminal; null if there is none.</param>
    /// <param name="cgroups">The cgroup namespace that CRIU is to be in; null for the runtime's.</param>
    /// <returns>The jail's root directory, to be read from outside.</returns>
    public static DirectoryHandle Enter(JailPlan plan, string? console, SafeFileHandle? cgroups)
    {
        Mount.Make(null, "/", null, MountFlags.Recursive | MountFlags.Private, null);
        var root = plan.NewRoot;
        using (var tmpfs = DetachedMount.Create(
            "tmpfs", MountRestrictions.NoSuid | MountRestrictions.NoDev, ("mode", "755"), ("size", "256m"), ("nr_inodes", "16384")))
            tmpfs.AttachTo(root);
        MountReadOnly(plan, root);
        using (var locked = LockedMountClone.Clone(root))
        {
            Mount.Unmount(root);
            locked.AttachTo(root);
        }
        MountWritable(plan, root);
        foreach (var file in (string[])[.. plan.Files, .. console is null ? [] : (string[])[console]])
            Bind(file, root + file, MountRestrictions.None);
        CopyBundle(plan, root);
        if (cgroups is not null)
            AddCgroupNamespace(plan.Criu, cgroups, root);
        if (plan.PagesSocket is { } socket)
            Bind(socket, root + Path.Combine(plan.Bundle, PagesSocketName), MountRestrictions.None);
        if (File.Exists(CriuKernelData.Path))
        {
            MakeFolder(root + Path.GetDirectoryName(CriuKernelData.Path));
            File.Copy(CriuKernelData.Path, root + CriuKernelData.Path);
        }
        MakeFolder(root + Path.GetDirectoryName(plan.Log));
        MakeFolder(root + Path.GetDirectoryName(plan.PidFile));
        var opened = DirectoryHandle.Open(root);
        MountNamespace.ReplaceRoot(root);
        return opened;
    }

    private static void MountReadOnly(JailPlan plan, string root)
    {
        // /bin, /lib, …, which most distributions have as links.
        foreach (var link in new DirectoryInfo("/").EnumerateDirectories().Where(folder => folder.LinkTarget is not null))
        {
            var target = link.LinkTarget!.TrimStart('/');
            MakeFolder(Path.Combine(root, target));
            File.CreateSymbolicLink(root + link.FullName, target);
        }
        Bind(plan.ProgramCopies, root + Programs, Closed);
        foreach (var path in plan.Programs)
            Link(Programs + path, root + path);
        foreach (var folder in plan.ReadOnlyFolders)
            Bind(folder, root + folder, Closed);
        Bind(plan.Images, root + plan.Images, Closed);
        if (plan.ParentImages is { } parent)
            Bind(parent, root + parent, Closed);
        // Another flag than the source's would be another mount than the checkpoint's.
        foreach (var bind in plan.Binds.Where(bind => bind.IsReadOnly))
            Bind(bind.Source, root + bind.Target, MountRestrictions.ReadOnly, bind.IsRecursive);
        MakePoint(root + PrivateFolder + "/empty", isFolder: false);
        MountProc(root + "/proc", root + PrivateFolder + "/empty");
        foreach (var hierarchy in plan.IsUnified ? [] : plan.Hierarchies)
            Bind(hierarchy, root + hierarchy, Closed | MountRestrictions.NoExec);
    }

    private static void MountWritable(JailPlan plan, string root)
    {
        MakeFolder(root + "/tmp");
        MakeFolder(root + "/dev");
        // The container's masked files are binds of this device. With the host's, a container could change the mode of that.
        using (var devices = DetachedMount.Create("tmpfs", MountRestrictions.NoSuid, ("mode", "755"), ("size", "4k"), ("nr_inodes", "4")))
            devices.AttachTo(root + "/dev");
        using (var dev = RootedPath.Open(root + "/dev"))
        {
            dev.MakeNode("null", 0x21B6 /* S_IFCHR 0666 */, 1, 3);
            dev.SetMode("null", 0x1B6);
        }
        // Not restricted: crun masks folders with one in here, and CRIU could not give the mask the flags that it had.
        MakeFolder(root + plan.StateRoot);
        using (var state = DetachedMount.Create("tmpfs", MountRestrictions.None, ("mode", "700"), ("size", "16m")))
            state.AttachTo(root + plan.StateRoot);
        Bind(plan.RootFs, root + plan.RootFs, MountRestrictions.None);
        foreach (var bind in plan.Binds.Where(bind => !bind.IsReadOnly))
            Bind(bind.Source, root + bind.Target, MountRestrictions.None, bind.IsRecursive);
        const MountRestrictions Restrictions = MountRestrictions.NoSuid | MountRestrictions.NoDev | MountRestrictions.NoExec;
        foreach (var cgroup in plan.Cgroups)
            Bind(cgroup, root + (plan.IsUnified ? plan.Hierarchies[0] : cgroup), Restrictions);
    }

    // A /proc of this PID namespace, since the runtime records PIDs of the host.
    private static void MountProc(string proc, string empty)
    {
        MakeFolder(proc);
        const MountRestrictions Flags = MountRestrictions.NoSuid | MountRestrictions.NoDev | MountRestrictions.NoExec;
        using (var mount = DetachedMount.Create("proc", Flags, ("hidepid", "ptraceable")))
            mount.AttachTo(proc);
        List<(DetachedMount Mount, string Path)> writable = [];
        foreach (var setting in NamespacedSettings.Select(name => $"{proc}/sys/{name}").Where(File.Exists))
            writable.Add((DetachedMount.Clone(setting, recursive: false), setting));
        foreach (var folder in ReadOnlyFolders.Select(name => $"{proc}/{name}").Where(Directory.Exists))
            Bind(folder, folder, Closed | MountRestrictions.NoExec);
        foreach (var (mount, path) in writable)
        {
            using (mount)
                mount.AttachTo(path);
        }
        // By a regular file, as they are: crun looks at the types of the paths that it has masked.
        foreach (var file in HiddenFiles.Select(name => $"{proc}/{name}").Where(File.Exists))
            Bind(empty, file, Closed);
    }

    private static void CopyBundle(JailPlan plan, string root)
    {
        MakeFolder(root + plan.Bundle);
        foreach (var file in Directory.EnumerateFiles(plan.BundleSource))
            File.Copy(file, root + Path.Combine(plan.Bundle, Path.GetFileName(file)));
    }

    private static void AddCgroupNamespace(string criu, SafeFileHandle cgroups, string root)
    {
        var opened = FormattableString.Invariant($"/proc/self/fd/{cgroups.DangerousGetHandle()}");
        Bind(opened, root + CgroupNamespaceFile, MountRestrictions.None);
        MakeFolder(root + CriuFolder);
        var script = $"#!/bin/sh\nexec nsenter --cgroup={CgroupNamespaceFile} -- \"{criu}\" \"$@\"\n";
        AtomicFile.Write(root + CriuFolder + "/criu", Encoding.UTF8.GetBytes(script), mode: 0x1ED /* 0755 */, durable: false);
    }

    private static void Bind(string source, string target, MountRestrictions restrictions, bool recursive = false)
    {
        using var mount = DetachedMount.Clone(source, recursive);
        if (restrictions != MountRestrictions.None)
            mount.Restrict(restrictions);
        MakePoint(target, Directory.Exists(source));
        mount.AttachTo(target);
    }

    // Two paths of the host's can be one in the jail: /lib is a link there, too.
    private static void Link(string target, string path)
    {
        MakeFolder(Path.GetDirectoryName(path)!);
        if (new FileInfo(path).LinkTarget is null)
            File.CreateSymbolicLink(path, target);
    }

    private static void MakePoint(string path, bool isFolder)
    {
        if (isFolder)
        {
            MakeFolder(path);
            return;
        }
        MakeFolder(Path.GetDirectoryName(path)!);
        if (!File.Exists(path))
            File.Create(path).Dispose();
    }

    private static void MakeFolder(string path) => Directory.CreateDirectory(path);
}
