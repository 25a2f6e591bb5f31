using System.Diagnostics.CodeAnalysis;
using System.Text;
using Stasis.Engine.RuntimeSpec;
using Stasis.Engine.Vetting.Images;
using Stasis.Engine.Vetting.Images.Files;
using Stasis.Linux;
using Stasis.Linux.Files;

namespace Stasis.Engine.Vetting.Paths;

/// <summary>
/// A container's file system as it will be: the root file system, which is mounted, and what the runtime and CRIU will mount in it, where
/// that is on this host. Nothing is mounted for it, and no symbolic link is followed by the kernel.
/// </summary>
internal sealed class PredictedRootfs : IDisposable
{
    private const int MaxLinks = 40; // as in the kernel (MAXSYMLINKS)

    private readonly string _root;
    private readonly SpecWriteAccess _spec;
    private readonly ImagePathList _paths;
    private readonly Dictionary<uint, MountBacking> _contents = [];
    private readonly List<RootedPath> _open = [];
    private readonly Dictionary<string, MountBacking> _bySource = [];
    private readonly Dictionary<MountPointIndex, Dictionary<(uint, string), MountNode>> _wholes = [];

    /// <param name="root">Where the root file system is mounted.</param>
    /// <param name="spec">The restored container's spec: sources of its mounts are this host's.</param>
    /// <param name="paths">The paths of the images, with their mounts.</param>
    public PredictedRootfs(string root, OciSpec spec, ImagePathList paths) =>
        (_root, _spec, _paths) = (root, new SpecWriteAccess(spec), paths);

    /// <summary>Where the container can write.</summary>
    public SpecWriteAccess Access => _spec;

    /// <summary>What a mount shows.</summary>
    public MountBacking ContentOf(MountNode mount, MountPointIndex mounts)
    {
        if (_contents.TryGetValue(mount.Id, out var known))
            return known;
        return _contents[mount.Id] = Find(mount, mounts);
    }

    /// <summary>What a mount that shows a part of a file system shows that part of: the whole file system.</summary>
    /// <returns>The content, and the path beneath it of the part; null if the file system isn't on this host.</returns>
    public (MountBacking Content, string Beneath)? WholeOf(MountNode mount, MountPointIndex mounts)
    {
        if (!_wholes.TryGetValue(mounts, out var wholes))
        {
            _wholes[mounts] = wholes = [];
            foreach (var other in mounts.All.Where(other => other.IsRoot || other.IsExternal))
                wholes.TryAdd((other.Device, other.Root), other);
        }
        for (var folder = mount.Root; ; folder = ImagePathSyntax.Parent(folder))
        {
            if (wholes.TryGetValue((mount.Device, folder), out var whole) && whole.Id != mount.Id)
                return (ContentOf(whole, mounts), ImagePathSyntax.Beneath(mount.Root, whole.Root));
            if (folder.Length <= 1)
                return null;
        }
    }

    /// <summary>
    /// Follows a plain path through symbolic links, name by name, as the kernel would once everything is mounted. Absolute links
    /// begin at the container's root.
    /// </summary>
    /// <param name="path">The path.</param>
    /// <param name="mounts">The mounts of the namespace that it is resolved in.</param>
    /// <param name="followLast">Whether a symbolic link at the end is followed, too.</param>
    public ResolvedPath Follow(string path, MountPointIndex mounts, bool followLast)
    {
        var rest = new Stack<string>(Parts(path).Reverse());
        var (at, links) = ("/", 0);
        FileStatus? status = null;
        while (rest.TryPop(out var name))
        {
            if (name is "" or ".")
                continue;
            at = name == ".." ? ImagePathSyntax.Parent(at) : ImagePathSyntax.Join(at, "/" + name);
            status = null;
            if (mounts.Covering(at) is not { } mount)
                return new ResolvedPath(at, null, null, "it has no root");
            var content = ContentOf(mount, mounts);
            if (content is MountBacking.Kernels)
            {
                // KernelFileImageRule has judged a path that lies there by its own text. Such a path is watched, never created.
                return followLast && links == 0
                    && mounts.Covering(path) is { } covering && KernelFileImageRule.IsKernels(covering.FileSystem)
                    ? new ResolvedPath(path, covering, null, null) { IsThere = true }
                    : new ResolvedPath(at, mount, null, $"it leads into a file system of the kernel's, at {mount.Point}");
            }
            if (!TryReadLink(at, mount, content, out var target, out status, out var isMissing))
            {
                if (isMissing)
                    return new ResolvedPath(ImagePathSyntax.Join(at, string.Concat(rest.Select(part => "/" + part))), mount, null, null);
                continue;
            }
            if (rest.Count == 0 && !followLast)
                return new ResolvedPath(at, mount, status, null);
            if (++links > MaxLinks)
                return new ResolvedPath(at, mount, null, "it leads through too many symbolic links");
            foreach (var part in Parts(target).Reverse())
                rest.Push(part);
            at = target.StartsWith('/') ? "/" : ImagePathSyntax.Parent(at);
        }
        return new ResolvedPath(at, mounts.Covering(at), status, null) { IsThere = true };
    }

    public void Dispose()
    {
        foreach (var folder in _open)
            folder.Dispose();
    }

    private static string[] Parts(string path) => path.Split('/');

    // Whether a path, all of whose directories are resolved, is a symbolic link.
    private static bool TryReadLink(
        string at,
        MountNode mount,
        MountBacking content,
        [NotNullWhen(true)] out string? target,
        out FileStatus? status,
        out bool isMissing)
    {
        (target, status, isMissing) = (null, null, false);
        var beneath = ImagePathSyntax.Beneath(at, mount.Point);
        if (beneath.Length == 0)
            return false; // where something is mounted
        switch (content)
        {
            case MountBacking.Folder folder:
                var bytes = Encoding.UTF8.GetBytes(beneath);
                status = MountBacking.Stat(folder, bytes);
                isMissing = status is null;
                if (status is { IsSymbolicLink: true })
                    target = Encoding.UTF8.GetString(folder.Root.ReadLink(folder.Prefix + beneath));
                break;
            case MountBacking.Tmpfs { Links: null }:
                throw new LinuxException("resolve", at, Errno.ELOOP);
            case MountBacking.Tmpfs tmpfs:
                target = tmpfs.Links.GetValueOrDefault((tmpfs.Prefix + beneath).TrimStart('/'));
                break;
        }
        return target is not null;
    }

    private MountBacking Find(MountNode mount, MountPointIndex mounts)
    {
        if (KernelFileImageRule.IsKernels(mount.FileSystem))
            return new MountBacking.Kernels();
        if (mount.IsRoot)
            return Open(_root);
        if (mount.IsExternal)
            return _spec.Find(mount) is { Source: { Length: > 0 } source } ? Open(source) : new MountBacking.Unknown();
        if (TmpfsTarPathCheck.IsPacked(mount))
            return new MountBacking.Tmpfs(
                _paths.TmpfsLinks.GetValueOrDefault(mount.Device) ?? [], mount.Root == "/" ? "" : mount.Root);
        return WholeOf(mount, mounts) is ({ } whole, var beneath) ? whole switch
        {
            MountBacking.Folder folder => folder with { Prefix = folder.Prefix + beneath },
            MountBacking.File when beneath.Length == 0 => whole,
            _ => new MountBacking.Unknown(),
        } : new MountBacking.Unknown();
    }

    private MountBacking Open(string path) =>
        _bySource.TryGetValue(path, out var known) ? known : _bySource[path] = OpenNew(path);

    private MountBacking OpenNew(string path)
    {
        try
        {
            var folder = RootedPath.Open(path, throughLinks: false);
            _open.Add(folder);
            return new MountBacking.Folder(folder, "");
        }
        catch (LinuxException e) when (e.Errno == Errno.ENOTDIR)
        {
            return RealPath.TryResolve(path) is { } file && FileStatus.TryRead(file) is { } status
                ? new MountBacking.File(ModeBits.TypeOf(status.Mode))
                : new MountBacking.Unknown();
        }
        catch (LinuxException e) when (e.Errno is Errno.ENOENT)
        {
            return new MountBacking.Unknown(); // the runtime says so
        }
    }
}
