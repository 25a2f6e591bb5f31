using System.Security.Cryptography;
using System.Text;
using Stasis.Linux.Files;

namespace Stasis.IntegrationTests;

/// <summary>
/// All that there is to know of a tree, a line for each name: names as bytes, owners, modes, times, content, links, devices, extended
/// attributes, and which names are one file.
/// </summary>
internal static class TreeListing
{
    /// <param name="root">Where the tree is.</param>
    /// <param name="withRoot">What the root itself is like is in it too.</param>
    public static string Of(string root, bool withRoot = true)
    {
        var lines = new StringBuilder();
        using var folder = DirectoryHandle.Open(root);
        if (withRoot)
            Add(lines, folder, "."u8.ToArray(), ".", folder.Stat("."), []);
        AddFolder(lines, folder, "", []);
        return lines.ToString();
    }

    private static void AddFolder(StringBuilder lines, DirectoryHandle folder, string prefix, Dictionary<ulong, string> firstNames)
    {
        foreach (var name in folder.Names())
        {
            var status = folder.Stat(name);
            // Every byte its own character, so that no two names look the same.
            var path = prefix + Encoding.Latin1.GetString(name);
            Add(lines, folder, name, path, status, firstNames);
            if (!status.IsDirectory)
                continue;
            using var child = folder.OpenFolder(name);
            AddFolder(lines, child, path + "/", firstNames);
        }
    }

    private static void Add(
        StringBuilder lines,
        DirectoryHandle folder,
        byte[] name,
        string path,
        FileStatus status,
        Dictionary<ulong, string> firstNames)
    {
        var what = "";
        if (status.IsRegularFile)
        {
            using var file = folder.OpenFile(name);
            using var stream = new FileStream(file, FileAccess.Read);
            what =
                $"{status.Size} bytes {Convert.ToHexStringLower(SHA256.HashData(stream))[..16]} sparse "
                    + $"{status.Blocks * 512 < (ulong)status.Size / 2}";
        }
        else if (status.IsSymbolicLink)
        {
            what = "-> " + Encoding.Latin1.GetString(folder.ReadLink(name));
        }
        else if (status.IsCharacterDevice || status.IsBlockDevice)
        {
            what = $"{status.DeviceMajor}:{status.DeviceMinor}";
        }

        if (!status.IsDirectory && status.LinkCount > 1 && !firstNames.TryAdd(status.Inode, path))
            what += " same as " + firstNames[status.Inode];
        var attributes = Xattrs.List(folder.Handle, name)
            .Order(StringComparer.Ordinal)
            .Select(a => $"{a}={Convert.ToHexStringLower(Xattrs.Get(folder.Handle, name, a)!)}");
        lines.AppendLine(
            $"{path} {Convert.ToString(status.Mode, 8)} {status.Uid}:{status.Gid} {status.ModifiedSeconds}.{status.ModifiedNanoseconds:D9} {what} {string.Join(' ', attributes)}");
    }
}
