using System.Collections.Concurrent;
using System.Globalization;
using System.Security.Cryptography;
using Stasis.Linux;
using Stasis.Linux.Files;

namespace Stasis.EndToEndTests.Attacks;

/// <summary>Facts about files.</summary>
internal static class FileTreeFacts
{
    // Reading programs of 20 MB each time would take longer than a restore. The change time can't be set by programs.
    private static readonly ConcurrentDictionary<string, (FileStatus Status, string Hash)> Hashes = [];

    /// <summary>Everything about a folder and what is beneath it: types, modes, owners, times, content, attributes.</summary>
    public static IEnumerable<Fact> Read(string folder) => Walk(folder, int.MaxValue, Describe);

    /// <summary>Names, modes, owners, sizes and times beneath a folder: cheaper than reading all files.</summary>
    public static IEnumerable<Fact> List(string folder) => Walk(folder, int.MaxValue, (_, status) => DescribeStatus(status));

    /// <summary>
    /// Names, modes and owners in a folder, without what is beneath its folders, in which other programs of the machine may write.
    /// </summary>
    public static IEnumerable<Fact> ListTop(string folder) => Walk(folder, 1, (_, status) =>
        string.Create(CultureInfo.InvariantCulture, $"mode {Convert.ToString(status.Mode, 8)} owner {status.Uid}:{status.Gid}"));

    /// <summary>Status and content of a program, or of what a symbolic link to it leads to.</summary>
    public static Fact ReadProgram(string path)
    {
        var program = File.ResolveLinkTarget(path, returnFinalTarget: true)?.FullName ?? path;
        var state = FileStatus.TryRead(program) is { } status ? Describe(program, status) : "missing";
        return new Fact($"program {path}", $"{program} {state}");
    }

    private static IEnumerable<Fact> Walk(string path, int depth, Func<string, FileStatus, string> describe)
    {
        if (FileStatus.TryRead(path) is not { } status)
            yield break;
        yield return new Fact($"file {path}", describe(path, status));
        if (!status.IsDirectory || depth == 0)
            yield break;
        foreach (var entry in Directory.EnumerateFileSystemEntries(path, "*", new EnumerationOptions { AttributesToSkip = 0 }))
        {
            foreach (var fact in Walk(entry, depth - 1, describe))
                yield return fact;
        }
    }

    private static string Describe(string path, FileStatus status)
    {
        var text = DescribeStatus(status);
        if (status.IsRegularFile)
            text += " sha256 " + Hash(path, status);
        else if (status.IsSymbolicLink)
            text += " target " + new FileInfo(path).LinkTarget;
        foreach (var name in Xattrs.List(path).Order(StringComparer.Ordinal))
            text += $" {name}={Convert.ToHexString(Xattrs.Get(path, name) ?? [])}";
        return text;
    }

    private static string DescribeStatus(FileStatus status) => string.Create(
        CultureInfo.InvariantCulture,
        $"mode {Convert.ToString(status.Mode, 8)} owner {status.Uid}:{status.Gid} size {status.Size} links {status.LinkCount} modified "
            + $"{status.ModifiedSeconds}.{status.ModifiedNanoseconds:D9} device {status.DeviceMajor}:{status.DeviceMinor} "
            + $"on {status.ContainingDevice}");

    private static string Hash(string path, FileStatus status)
    {
        if (Hashes.TryGetValue(path, out var known) && known.Status == status)
            return known.Hash;
        try
        {
            using var stream = File.OpenRead(path);
            var hash = Convert.ToHexStringLower(SHA256.HashData(stream));
            Hashes[path] = (status, hash);
            return hash;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or LinuxException)
        {
            return $"unreadable: {e.Message}";
        }
    }
}
