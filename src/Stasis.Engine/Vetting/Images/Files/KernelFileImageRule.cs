using System.Globalization;
using Stasis.Engine.Vetting.Findings;

namespace Stasis.Engine.Vetting.Images.Files;

/// <summary>
/// Requires that open files in the kernel's own file systems are some that an ordinary process has open. CRIU opens them with all
/// capabilities, and for some of these files the kernel asks for the capabilities of the process that opened them, long after.
/// Others (exe, root, cwd, fd/N) lead anywhere on the host.
/// </summary>
internal static class KernelFileImageRule
{
    public static readonly RuleDescriptor Rule = new()
    {
        Id = "image-kernel-file",
        Finds = "files of `/proc`, `/sys` and other file systems of the kernel's that an ordinary process doesn't have open, "
            + "such as `/proc/kmsg` or `/proc/1/root/etc/shadow`; files there open for writing that the container may only read",
        Allow = "`image-kernel-file:/proc/driver/rtc` for a file to be read; nothing for links, for files of processes, for files to "
            + "be written, and for what needs a capability that the spec doesn't give",
    };

    /// <summary>Whether CRIU knows a file system as one of the kernel's own, without data of any disk or of memory.</summary>
    public static bool IsKernels(uint fileSystem) => fileSystem is MountNode.Proc or MountNode.Sysfs or MountNode.Devpts
        or MountNode.Cgroup or MountNode.Cgroup2 or MountNode.Mqueue or 4 or (>= 7 and <= 11) or 19; // binfmt_misc … debugfs, tracefs

    /// <summary>Judges an open file that lies in one of the kernel's file systems.</summary>
    /// <param name="verification">The verification.</param>
    /// <param name="where">The path's place in the images.</param>
    /// <param name="path">The plain path in the container.</param>
    /// <param name="mount">The mount that the path lies in.</param>
    /// <param name="open">The file.</param>
    public static void Check(ImageVerification verification, string where, string path, MountNode mount, OpenKernelFile open)
    {
        var inside = ImagePathSyntax.Join(mount.Root, ImagePathSyntax.Beneath(path, mount.Point));
        var refusal = mount.FileSystem switch
        {
            MountNode.Proc => JudgeProc(verification, inside[1..], path, mount, open),
            MountNode.Sysfs => JudgeSysfs(verification, inside, path, mount, open),
            MountNode.Devpts => inside == "/ptmx" || inside == "/" || KernelFileNames.IsNumber(inside.AsSpan(1))
                ? null
                : new("a file that no devpts has"),
            MountNode.Cgroup or MountNode.Cgroup2 => open.IsWritten && verification.SpecWriteAccess.IsReadOnly(path, mount)
                ? new("it is open for writing, and the container may only read it")
                : null,
            MountNode.Mqueue => inside.LastIndexOf('/') == 0 ? null : new("a file that no file system of message queues has"),
            _ => new Refusal("a file of the kernel's own that no ordinary process has open", IsAllowable: !open.IsWritten),
        };
        if (refusal is { } found)
            verification.Refuse(Rule, where, path, found.Message, found.IsAllowable ? path : null);
    }

    private static Refusal? JudgeProc(ImageVerification verification, string inside, string path, MountNode mount, OpenKernelFile open)
    {
        var first = inside.AsSpan(0, inside.IndexOf('/') is var slash and >= 0 ? slash : inside.Length);
        if (KernelFileNames.IsNumber(first))
            return JudgeProcess(verification, uint.Parse(first, CultureInfo.InvariantCulture), inside[first.Length..].TrimStart('/'), open);
        if (first is "self" or "thread-self" || (first.Length > 0 && char.IsAsciiDigit(first[0])))
            return new("the kernel reports a process's files by its ID, never by this name");
        if (first is "sys")
        {
            return open.IsWritten && verification.SpecWriteAccess.IsReadOnly(path, mount)
                ? new("a sysctl that is open for writing, and the container may only read it")
                : null;
        }
        if (open.IsDirectory)
            return KernelFileNames.Directories.Contains(inside)
                ? null
                : new("a directory that no ordinary process has open", IsAllowable: true);
        if (open.IsWritten)
            return new("a file of the whole machine's, open for writing");
        if (KernelFileNames.Guarded.TryGetValue(inside, out var capability))
        {
            return verification.Allowed.May(capability)
                ? null
                : new($"the kernel gives it to holders of {capability}, and the spec gives that to none");
        }
        return KernelFileNames.Readable.Contains(inside) ? null : new("a file that no ordinary process has open", IsAllowable: true);
    }

    private static Refusal? JudgeProcess(ImageVerification verification, uint id, string inside, OpenKernelFile open)
    {
        var isDead = verification.Remaps.DeadProcesses.Contains(id);
        if (!verification.Ids.Contains(id) && !isDead)
            return new($"there is no process {id} in the images");
        if (inside.StartsWith("task/", StringComparison.Ordinal))
        {
            var thread = inside["task/".Length..];
            var end = thread.IndexOf('/', StringComparison.Ordinal) is var slash and >= 0 ? slash : thread.Length;
            if (!KernelFileNames.IsNumber(thread.AsSpan(0, end))
                || (!isDead && !verification.Ids.Contains(uint.Parse(thread.AsSpan(0, end), CultureInfo.InvariantCulture))))
                return new("there is no such thread in the images");
            inside = thread[end..].TrimStart('/');
        }
        if (open.IsDirectory && KernelFileNames.DirectoriesOfProcess.Contains(inside))
            return null;
        if (inside.StartsWith("net/", StringComparison.Ordinal) || inside.StartsWith("fdinfo/", StringComparison.Ordinal)
            || inside.StartsWith("attr/", StringComparison.Ordinal))
            return open.IsWritten ? new("a file of a process, open for writing") : null;
        if (KernelFileNames.GuardedOfProcess.Contains(inside) && verification.Allowed.May("CAP_SYS_ADMIN") && !open.IsWritten)
            return null;
        if (!KernelFileNames.OfProcess.Contains(inside))
            return new("a file of a process that leads elsewhere, or that no ordinary process has open");
        if (open.IsWritten && !KernelFileNames.WritableOfProcess.Contains(inside))
            return new("a file of a process, open for writing");
        if (inside != "mem")
            return null;
        if (isDead)
            return new("the memory of a process that is dead");
        verification.PrivateFiles[open.File] = id;
        return null;
    }

    // With CAP_SYS_ADMIN and a writable /sys, a container configures the machine.
    private static Refusal? JudgeSysfs(ImageVerification verification, string inside, string path, MountNode mount, OpenKernelFile open)
    {
        var isWritable = !verification.SpecWriteAccess.IsReadOnly(path, mount);
        if (open.IsWritten && !isWritable)
            return new("it is open for writing, and the container may only read it");
        if (open.IsDirectory || (isWritable && verification.Allowed.May("CAP_SYS_ADMIN")))
            return null;
        if (KernelFileNames.IsGuardedInSysfs(inside) && !verification.Allowed.May("CAP_SYS_ADMIN"))
            return new("the kernel shows it to whom CAP_SYS_ADMIN has opened it, and the spec gives that to none");
        return KernelFileNames.IsReadableInSysfs(inside) && !open.IsWritten
            ? null
            : new("a file of the kernel's own that no ordinary process has open", IsAllowable: !open.IsWritten);
    }

    private readonly record struct Refusal(string Message, bool IsAllowable = false);
}

internal static partial class FileImageCheckList
{
    internal static readonly ImageCheck KernelFile = Add(new(89, null, KernelFileImageRule.Rule));
}
