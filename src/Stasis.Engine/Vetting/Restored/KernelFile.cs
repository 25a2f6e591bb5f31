namespace Stasis.Engine.Vetting.Restored;

/// <summary>A file in one of the kernel's file systems that a process has open.</summary>
/// <param name="Type">The file system's type.</param>
/// <param name="Path">The file's path from the file system's root, absolute.</param>
/// <param name="IsDirectory">Whether it is a directory.</param>
/// <param name="IsWritten">Whether it is open for writing.</param>
/// <param name="Pid">The process's PID in the container.</param>
internal sealed record KernelFile(string Type, string Path, bool IsDirectory, bool IsWritten, string Pid)
{
    private const string Task = "task/";
    private static readonly string[] FoldersOfProcess = ["attr/", "fdinfo/", "net/"];

    /// <summary>Whether files of a file system are judged.</summary>
    public static bool IsKernels(string type) =>
        type is "proc" or "sysfs" or "debugfs" or "tracefs" or "securityfs" or "cgroup" or "cgroup2";

    /// <summary>Whether an ordinary program can have the file open.</summary>
    /// <param name="may">Whether the spec gives a capability.</param>
    public bool IsHarmless(Func<string, bool> may) => Type switch
    {
        "proc" => IsHarmlessInProc(may),
        "sysfs" => IsHarmlessInSysfs(may),
        "cgroup" or "cgroup2" => true, // of the container's own, by its mount
        _ => false,
    };

    /// <summary>
    /// Whether <c>--allow image-kernel-file:PATH</c> can let it pass, as it does in the images: a file to be read that is neither a
    /// process's nor guarded by a capability.
    /// </summary>
    public bool IsAllowable => !IsWritten && Type switch
    {
        "proc" => !KernelFileNames.IsNumber(Cut(Path[1..]).First) && !KernelFileNames.Guarded.ContainsKey(Path[1..]),
        "sysfs" => !KernelFileNames.IsGuardedInSysfs(Path),
        _ => true,
    };

    private bool IsHarmlessInProc(Func<string, bool> may)
    {
        var (first, rest) = Cut(Path[1..]);
        if (KernelFileNames.IsNumber(first))
            return IsHarmlessOfProcess(first, rest, may);
        if (first == "sys")
            return true; // by its mount, which the spec has read-only
        if (IsDirectory)
            return KernelFileNames.Directories.Contains(Path[1..]);
        return !IsWritten && (KernelFileNames.Readable.Contains(Path[1..])
            || (KernelFileNames.Guarded.TryGetValue(Path[1..], out var capability) && may(capability)));
    }

    private bool IsHarmlessOfProcess(string pid, string name, Func<string, bool> may)
    {
        if (name.StartsWith(Task, StringComparison.Ordinal))
            (_, name) = Cut(name[Task.Length..]);
        if (IsDirectory && KernelFileNames.DirectoriesOfProcess.Contains(name))
            return true;
        if (Array.Exists(FoldersOfProcess, folder => name.StartsWith(folder, StringComparison.Ordinal)))
            return !IsWritten;
        if (KernelFileNames.GuardedOfProcess.Contains(name))
            return !IsWritten && may("CAP_SYS_ADMIN");
        return KernelFileNames.OfProcess.Contains(name) && (!IsWritten || KernelFileNames.WritableOfProcess.Contains(name))
            && (name != "mem" || pid == Pid);
    }

    private bool IsHarmlessInSysfs(Func<string, bool> may)
    {
        if (may("CAP_SYS_ADMIN") || IsDirectory)
            return true;
        return !IsWritten && !KernelFileNames.IsGuardedInSysfs(Path) && KernelFileNames.IsReadableInSysfs(Path);
    }

    private static (string First, string Others) Cut(string path) =>
        path.IndexOf('/', StringComparison.Ordinal) is var slash and >= 0 ? (path[..slash], path[(slash + 1)..]) : (path, "");
}
