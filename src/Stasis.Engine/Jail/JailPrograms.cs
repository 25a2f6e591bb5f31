using System.Text;
using System.Text.Json;
using Stasis.Engine.Common;
using Stasis.Engine.Errors;
using Stasis.Linux.Files;
using Stasis.Linux.Processes;

namespace Stasis.Engine.Jail;

/// <summary>
/// The files that a runtime and its CRIU need to run: programs, the dynamic loader, and the libraries that the loader finds for them.
/// Copies of all of them lie in one folder, each at its own path, so that a jail needs one mount for them.
/// </summary>
/// <param name="Folder">The folder with the copies.</param>
/// <param name="Paths">The files and folders, by their paths on the host.</param>
/// <param name="Fingerprint">From what the copies were made, and when.</param>
internal sealed record JailPrograms(string Folder, IReadOnlyList<string> Paths, string Fingerprint)
{
    private const string LoaderCache = "/etc/ld.so.cache", IndexFile = "index.json", LockFile = "lock";
    private const int InterpreterHeader = 3; // PT_INTERP
    private static readonly TimeSpan KeptAtLeast = TimeSpan.FromDays(1);
    private static readonly TimeSpan TimeLimit = TimeSpan.FromSeconds(10);

    // CRIU has tar and gzip unpack tmpfs contents, sh run scripts, and iptables unlock networks. crun loads libcriu when it needs it.
    // Of iptables, it asks for the legacy program first (criu/util.c: get_legacy_iptables_bin).
    private static readonly string[] Helpers =
    [
        "tar", "gzip", "sh", "nsenter", "ip",
        "iptables-restore", "ip6tables-restore", "iptables-legacy-restore", "ip6tables-legacy-restore",
    ];

    private static readonly string[] Loaded =
    [
        "/usr/lib/x86_64-linux-gnu/libcriu.so.2", "/usr/lib/aarch64-linux-gnu/libcriu.so.2", "/usr/lib64/libcriu.so.2",
        "/usr/lib/x86_64-linux-gnu/xtables", "/usr/lib/aarch64-linux-gnu/xtables", "/usr/lib64/xtables",
    ];

    /// <summary>Copies the files if that hasn't been done since this host started, or if one of them has changed.</summary>
    /// <param name="runtime">Path of the runtime.</param>
    /// <param name="criu">Path of CRIU.</param>
    /// <param name="searchPath">PATH, on which the helpers are found.</param>
    /// <param name="home">Folder for the copies.</param>
    /// <param name="cancellation">Stops looking for libraries.</param>
    /// <exception cref="StasisException">A loader doesn't list a program's libraries.</exception>
    /// <exception cref="IOException">A file can't be copied.</exception>
    public static async Task<JailPrograms> PrepareAsync(
        string runtime, string criu, string searchPath, string home, CancellationToken cancellation)
    {
        string[] programs = [runtime, criu, .. Helpers.Select(name => ExecutablePath.Find(name, searchPath)).OfType<string>()];
        if (ReadCurrent(home, programs) is { } current)
            return current;
        PrivateDirectory.Create(home);
        using var alone = await FileLock.AcquireAsync(Path.Combine(home, LockFile), shared: false, cancellation);
        return ReadCurrent(home, programs) ?? Copy(home, programs, await FindFilesAsync(programs, cancellation));
    }

    private static JailPrograms? ReadCurrent(string home, IReadOnlyList<string> programs)
    {
        return ReadIndex(Path.Combine(home, IndexFile)) is { } kept
            && kept.Fingerprint == ComputeFingerprint(programs, kept.Paths) && Directory.Exists(kept.Folder)
            ? kept
            : null;
    }

    private static JailPrograms? ReadIndex(string index)
    {
        try
        {
            return File.Exists(index) ? JsonSerializer.Deserialize(File.ReadAllBytes(index), EngineJson.Default.JailPrograms) : null;
        }
        catch (JsonException)
        {
            return null; // a power cut has left its name and not its content
        }
    }

    // The copies aren't synced: after a power cut, they are made anew.
    private static string ComputeFingerprint(IEnumerable<string> programs, IEnumerable<string> paths) =>
        string.Join('\n', [BootId.Id, .. programs.Concat(paths).Select(Identify)]);

    private static JailPrograms Copy(string home, IReadOnlyList<string> programs, IReadOnlyList<string> paths)
    {
        foreach (var old in Directory.EnumerateDirectories(home).Where(folder => !MayBeInUse(folder)))
            FileTree.Remove(old);
        var folder = Path.Combine(home, Path.GetRandomFileName());
        var made = new JailPrograms(folder, paths, ComputeFingerprint(programs, paths));
        foreach (var path in paths)
            Copy(path, folder + path);
        var index = JsonSerializer.SerializeToUtf8Bytes(made, EngineJson.Default.JailPrograms);
        AtomicFile.Write(Path.Combine(home, IndexFile), index, durable: false);
        return made;
    }

    // A restore that has begun needs those that it found.
    private static bool MayBeInUse(string folder) => DateTime.UtcNow - Directory.GetLastWriteTimeUtc(folder) < KeptAtLeast;

    private static void Copy(string source, string target)
    {
        if (!Directory.Exists(source))
        {
            PrivateDirectory.Create(Path.GetDirectoryName(target)!);
            File.Copy(source, target);
            return;
        }
        foreach (var entry in Directory.EnumerateFileSystemEntries(source))
            Copy(entry, Path.Combine(target, Path.GetFileName(entry)));
    }

    private static async Task<IReadOnlyList<string>> FindFilesAsync(IReadOnlyList<string> programs, CancellationToken cancellation)
    {
        var found = new SortedSet<string>(StringComparer.Ordinal);
        foreach (var program in programs.Concat(Loaded.Where(Path.Exists)))
        {
            found.Add(program);
            if (!Directory.Exists(program))
                found.UnionWith(await FindLibrariesAsync(program, cancellation));
        }
        if (File.Exists(LoaderCache))
            found.Add(LoaderCache);
        // What lies in a folder of the list comes with it.
        return [.. found.Where(path => !found.Any(folder => path.StartsWith(folder + "/", StringComparison.Ordinal)))];
    }

    private static string Identify(string path)
    {
        if (RealPath.TryResolve(path) is not { } real)
            return path;
        var file = FileStatus.Read(real);
        return FormattableString.Invariant($"{path} {file.ContainingDevice} {file.Inode} {file.ChangedSeconds}.{file.ChangedNanoseconds}");
    }

    private static async Task<IEnumerable<string>> FindLibrariesAsync(string program, CancellationToken cancellation)
    {
        if (ReadInterpreter(program) is not { } loader)
            return [];
        var options = new SpawnOptions { Program = loader, Arguments = ["--list", program], WorkingDirectory = "/" };
        var result = await Spawn.RunAsync(options, TimeLimit, cancellation);
        if (result.ExitCode != 0)
            throw new StasisException($"{loader} --list {program}: {result.Error.Trim()}");
        // "libc.so.6 => /lib/x86_64-linux-gnu/libc.so.6 (0x00007f…)", "/lib64/ld-linux-x86-64.so.2 (0x00007f…)"
        return result.Output.Split([' ', '\t', '\n'], StringSplitOptions.RemoveEmptyEntries)
            .Where(word => word.StartsWith('/')).Append(loader);
    }

    // The dynamic loader that an ELF file names (elf(5)); the system's own for a library; null for a static program or a script.
    private static string? ReadInterpreter(string program)
    {
        using var file = File.OpenHandle(program);
        var header = new byte[64];
        if (RandomAccess.Read(file, header, 0) < header.Length || !header.AsSpan(0, 4).SequenceEqual("\u007FELF"u8) || header[4] != 2)
            return null;
        var offset = BitConverter.ToInt64(header, 32);
        var (size, count) = (BitConverter.ToUInt16(header, 54), BitConverter.ToUInt16(header, 56));
        var entry = new byte[56];
        for (var i = 0; i < count; i++)
        {
            if (RandomAccess.Read(file, entry, offset + (i * size)) < entry.Length || BitConverter.ToUInt32(entry, 0) != InterpreterHeader)
                continue;
            var name = new byte[BitConverter.ToInt64(entry, 32)];
            RandomAccess.Read(file, name, BitConverter.ToInt64(entry, 8));
            return Encoding.UTF8.GetString(name).TrimEnd('\0');
        }
        return program.Contains(".so", StringComparison.Ordinal) ? ReadInterpreter("/bin/sh") : null;
    }
}
