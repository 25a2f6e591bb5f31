using Stasis.Engine.Criu.Images;
using Stasis.Engine.Errors;
using Stasis.Engine.Formats.Compression;
using Stasis.Engine.Formats.Tar;
using Stasis.Engine.Vetting.Findings;

namespace Stasis.Engine.Vetting.Images.Files;

/// <summary>
/// Reads the contents of tmpfs mounts: tars, which CRIU has tar(1) unpack as root, by name. Refuses names
/// that lead out, files through links, more data than the file system holds, and devices that the container
/// may not have.
/// </summary>
internal static class TmpfsImageRule
{
    public static readonly RuleDescriptor Rule = new()
    {
        Id = "image-tmpfs",
        Finds = "in the tars of tmpfs mounts, which CRIU unpacks with `tar`: names with `..`, files through links, "
            + "more data than the file system holds",
    };

    private const int MaxEntries = 1_000_000, MaxPadding = 1 << 20, MaxLinks = 20_000;
    private const int MaxLinkCharacters = 1 << 25; // of all names and targets of symbolic links together

    public static void Check(ImageVerification verification)
    {
        var filled = new HashSet<uint>();
        var mounts = verification.Mounts.Values
            .Where(TmpfsTarPathCheck.IsPacked)
            .DistinctBy(mount => mount.Device)
            .ToDictionary(mount => mount.Device);
        var paths = verification.Paths.Paths
            .Where(path => path.Mount is { } mount && TmpfsTarPathCheck.IsPacked(mount))
            .ToLookup(path => path.Mount!.Device);
        foreach (var file in verification.Images.Files().Where(file => ImageKind.Find(file) is { Kind.Layout: ImageLayout.Tar }))
        {
            var device = ImageKind.Find(file)!.Value.Number;
            if (device > uint.MaxValue || !mounts.TryGetValue((uint)device, out var mount))
                verification.Refuse(
                    Rule,
                    verification.Images.Where(file),
                    file,
                    "the content of a file system that is not among the mounts");
            else if (filled.Add(mount.Device))
                CheckTar(verification, file, mount, new TmpfsTarPathCheck(paths[mount.Device]));
        }
        foreach (var empty in paths.Where(device => !filled.Contains(device.Key)))
            new TmpfsTarPathCheck(empty).Check(verification);
    }

    private static void CheckTar(ImageVerification verification, string file, MountNode mount, TmpfsTarPathCheck names)
    {
        var where = $"{verification.Images.Where(file)} ({mount.Point})";
        try
        {
            using var packed = verification.Images.OpenStream(file);
            if (packed.ReadByte() != 0x1F || packed.ReadByte() != 0x8B)
            {
                verification.Refuse(Rule, where, file, "it is not compressed with gzip");
                return;
            }
            packed.Position = 0;
            using var plain = CompressionStreams.OpenRead(packed);
            // The tar may end without its end marker: gzip's checksum shows that it is complete.
            using var tar = new TarReader(plain, new TarReaderOptions { RequireEndMarker = false });
            var check = new Entries(verification, where, Limit(mount), names);
            while (tar.Next() is { } entry)
            {
                if (!check.Take(entry))
                    return;
            }
            if (check.Links.Count <= MaxLinks)
                verification.Paths.TmpfsLinks[mount.Device] = check.Links;
            names.Check(verification);
            // tar pads to its block size. gzip's checksum, at the end, is verified by reading all of it.
            var rest = new byte[1 << 14];
            var (left, read) = (MaxPadding, 0);
            while (left > 0 && (read = plain.Read(rest)) > 0)
                left -= read;
            if (left <= 0)
                verification.Refuse(Rule, where, file, "something follows the tar");
        }
        catch (StasisException e) when (e is TarException or CompressionException)
        {
            verification.Refuse(Rule, where, file, e.Message);
        }
    }

    private static long Limit(MountNode mount) =>
        TmpfsSizeOption.Parse(mount.Options.Split(',')) is { } size && size < TmpfsSizeOption.Default ? size : TmpfsSizeOption.Default;

    private sealed class Entries(ImageVerification verification, string where, long limit, TmpfsTarPathCheck names)
    {
        private readonly Dictionary<string, string> _links = [];
        private readonly TarNameSequence _sequence = new();
        private long _bytes, _count, _linkCharacters;

        /// <summary>Symbolic links, with their targets.</summary>
        public Dictionary<string, string> Links => _links;

        // Returns false if reading on is useless.
        public bool Take(TarEntry entry)
        {
            var name = entry.NameText;
            _bytes += entry.Extents is { } parts ? parts.Sum(part => part.Length) : entry.Size;
            var path = Plain(name);
            _count += _sequence.Take(path ?? "");
            if (_bytes > limit || _count > MaxEntries)
            {
                verification.Refuse(Rule, where, name, $"more than the file system holds, {limit} bytes");
                return false;
            }
            if (path is null)
                verification.Refuse(Rule, where, name, "a name that climbs, or is absolute");
            else if (_links.Count > 0 && _sequence.NewFolders().FirstOrDefault(_links.ContainsKey) is { } link)
                verification.Refuse(Rule, where, name, $"it would be written through the link {link}");
            else if (entry.Type == TarEntryType.Symlink)
                AddLink(path, entry.LinkNameText);
            if (_linkCharacters > MaxLinkCharacters)
            {
                verification.Refuse(Rule, where, name, "too many symbolic links with long names");
                return false;
            }
            if (entry.Type == TarEntryType.Hardlink)
                TakeHardLink(name, path, entry);
            else if (path is not null)
                names.Take(path, TypeOf(entry.Type), null);
            if (entry.Type is TarEntryType.CharacterDevice or TarEntryType.BlockDevice
                && !verification.Allowed.Devices
                    .Has(entry.Type == TarEntryType.BlockDevice ? 'b' : 'c', entry.DeviceMajor, entry.DeviceMinor))
                verification.Refuse(
                    AllowedDeviceNodes.Rule,
                    where,
                    $"{name} {(entry.Type == TarEntryType.BlockDevice ? 'b' : 'c')} {entry.DeviceMajor}:{entry.DeviceMinor}",
                    "a device that the spec doesn't give the container",
                    $"/{path}");
            return true;
        }

        private void AddLink(string path, string target)
        {
            _links[path] = target;
            _linkCharacters += path.Length + target.Length;
        }

        private void TakeHardLink(string name, string? path, TarEntry entry)
        {
            var target = Plain(entry.LinkNameText);
            if (target is null || Through(target) is not null)
                verification.Refuse(Rule, where, $"{name} -> {entry.LinkNameText}", "another name of a file outside");
            // Another name of a symbolic link is a symbolic link.
            else if (path is not null && _links.TryGetValue(target, out var linked))
                AddLink(path, linked);
            if (path is not null)
                names.Take(path, target is not null && _links.ContainsKey(target) ? ModeBits.Link : 0, target);
        }

        private static uint TypeOf(TarEntryType type) => type switch
        {
            TarEntryType.Directory => ModeBits.Directory,
            TarEntryType.Symlink => ModeBits.Link,
            TarEntryType.CharacterDevice => ModeBits.Character,
            TarEntryType.BlockDevice => ModeBits.Block,
            TarEntryType.Fifo => ModeBits.Fifo,
            _ => ModeBits.Regular,
        };

        // "./a/b" and "a/b" are the same path. Null if the path isn't beneath the root.
        private static string? Plain(string name)
        {
            var path = name.StartsWith("./", StringComparison.Ordinal) ? name[2..] : name;
            path = path.TrimEnd('/');
            return path is "" or "." ? "" : path[0] != '/' && ImagePathSyntax.IsPlain("/" + path) ? path : null;
        }

        private string? Through(string path)
        {
            if (_links.Count == 0)
                return null;
            for (var slash = path.IndexOf('/', StringComparison.Ordinal); slash >= 0; slash = path.IndexOf('/', slash + 1))
            {
                if (_links.ContainsKey(path[..slash]))
                    return path[..slash];
            }
            return null;
        }
    }
}

internal static partial class FileImageCheckList
{
    internal static readonly ImageCheck Tmpfs = Add(new(220, TmpfsImageRule.Check, TmpfsImageRule.Rule));
}
