using System.Text;
using System.Text.Json;
using Stasis.Engine.Errors;
using Stasis.Linux.Files;
using Stasis.Linux.Processes;

namespace Stasis.Engine.Jail;

/// <summary>
/// The files that a program needs to run: itself, the dynamic loader, and the libraries that the loader finds for it. The list is kept
/// under the run root, beside the times of what it was made from.
/// </summary>
internal static class JailPrograms
{
    private const string LoaderCache = "/etc/ld.so.cache";
    private const int InterpreterHeader = 3; // PT_INTERP
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

    /// <summary>Lists files and folders for a runtime and its CRIU.</summary>
    /// <param name="runtime">Path of the runtime.</param>
    /// <param name="criu">Path of CRIU.</param>
    /// <param name="searchPath">PATH, on which the helpers are found.</param>
    /// <param name="cache">File that keeps the list.</param>
    /// <exception cref="StasisException">A loader doesn't list a program's libraries.</exception>
    public static async Task<IReadOnlyList<string>> ListAsync(
        string runtime, string criu, string searchPath, string cache, CancellationToken cancellation)
    {
        string[] programs =
        [
            runtime, criu,
            .. Helpers.Select(name => ExecutablePath.Find(name, searchPath)).OfType<string>(),
        ];
        var proof = string.Join('\n', programs.Append(LoaderCache).Select(Identify));
        if (File.Exists(cache)
            && await File.ReadAllBytesAsync(cache, cancellation) is var json
            && JsonSerializer.Deserialize(json, EngineJson.Default.StringArray) is [var kept, .. var list]
            && kept == proof && list.All(Path.Exists))
            return list;
        var found = new SortedSet<string>(StringComparer.Ordinal);
        foreach (var program in programs.Concat(Loaded.Where(Path.Exists)))
        {
            found.Add(program);
            if (Directory.Exists(program))
                continue;
            foreach (var library in await LibrariesAsync(program, cancellation))
                found.Add(library);
        }
        if (File.Exists(LoaderCache))
            found.Add(LoaderCache);
        // What lies in a folder of the list comes with it.
        string[] needed = [.. found.Where(path => !found.Any(folder => path.StartsWith(folder + "/", StringComparison.Ordinal)))];
        PrivateDirectory.Create(Path.GetDirectoryName(cache)!);
        AtomicFile.Write(cache, JsonSerializer.SerializeToUtf8Bytes([proof, .. needed], EngineJson.Default.StringArray), durable: false);
        return needed;
    }

    private static string Identify(string path)
    {
        if (RealPath.TryResolve(path) is not { } real)
            return path;
        var file = FileStatus.Read(real);
        return FormattableString.Invariant($"{path} {file.ContainingDevice} {file.Inode} {file.ChangedSeconds}.{file.ChangedNanoseconds}");
    }

    private static async Task<IEnumerable<string>> LibrariesAsync(string program, CancellationToken cancellation)
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
