using System.Text;
using Stasis.Engine.RuntimeSpec;
using Stasis.Engine.Vetting.Findings;
using Stasis.Engine.Vetting.Images;
using Stasis.Engine.Vetting.Images.Files;
using Stasis.Linux;
using Stasis.Linux.Files;

namespace Stasis.Engine.Vetting.Paths;

/// <summary>
/// Resolves every path of the images in the container's mounted root, after the root file system is mounted and before CRIU runs. CRIU
/// opens these paths as root, by name, and follows symbolic links, also those of /proc, in mount namespaces of its own. The kernel
/// reports paths without symbolic links, so that none may lead through one; names of sockets, which programs choose, and of watched
/// files are followed here, and must stay among the container's files.
/// </summary>
internal sealed class RootfsPathCheck : IDisposable
{
    // Of names that are looked up. A path that is followed through symbolic links is looked up once for each of its names.
    private const int MaxLookups = 20_000_000;
    private const int MaxFindings = 100;

    private readonly PredictedRootfs _root;
    private readonly AllowedDeviceNodes _devices;
    private readonly List<Finding> _findings = [];
    private int _lookups;

    private RootfsPathCheck(PredictedRootfs root, AllowedDeviceNodes devices) => (_root, _devices) = (root, devices);

    /// <summary>Finds paths that lead through symbolic links, or to nothing, or to another type of file than the images say.</summary>
    /// <param name="root">Where the root file system is mounted.</param>
    /// <param name="spec">The restored container's spec: sources of its mounts are this host's.</param>
    /// <param name="paths">The paths of the images.</param>
    /// <param name="cancellation">Ends the check.</param>
    public static IReadOnlyList<Finding> Run(string root, OciSpec spec, ImagePathList paths, CancellationToken cancellation)
    {
        using var check = new RootfsPathCheck(new PredictedRootfs(root, spec, paths), AllowedDeviceNodes.FromSpec(spec));
        var count = 0;
        foreach (var path in paths.Paths)
        {
            if (count++ % 1000 == 0)
                cancellation.ThrowIfCancellationRequested();
            if (!check.Check(path))
                break;
        }
        return check._findings;
    }

    public void Dispose() => _root.Dispose();

    // Returns false if no more is to be looked at.
    private bool Check(ImagePathField path)
    {
        if (_lookups > MaxLookups)
        {
            Refuse(path, $"there are more than {MaxLookups} names to look up in the paths of the images, more than any checkpoint has");
            return false;
        }
        try
        {
            var wrong = path switch
            {
                { FollowsLinks: true } => CheckFollowed(path),
                { Use: PathUse.MountRoot } => CheckPart(path),
                { Mount: { } mount } => CheckIn(
                    _root.ContentOf(mount, path.Mounts), path.Bytes.AsSpan(PrefixLength(mount.Point)), path, mount.IsExternal),
                _ => null,
            };
            if (wrong is not null)
                Refuse(path, wrong);
        }
        catch (LinuxException e)
        {
            Refuse(path, e.Errno == Errno.ELOOP ? "it leads through a symbolic link" : $"it can't be resolved: {e.Message}");
        }
        return _findings.Count < MaxFindings;
    }

    private string? CheckIn(MountBacking content, ReadOnlySpan<byte> beneath, ImagePathField path, bool isExternal) => content switch
    {
        MountBacking.Folder folder => CheckInFolder(folder, beneath, path, isExternal),
        MountBacking.File file => beneath.Length == 0 ? PathExpectation.Judge(path, file.Type) : PathExpectation.JudgeMissing(path),
        _ => null,
    };

    private string? CheckInFolder(MountBacking.Folder folder, ReadOnlySpan<byte> beneath, ImagePathField path, bool isExternal)
    {
        _lookups += CountNames(beneath);
        if (MountBacking.Stat(folder, beneath) is { } status)
        {
            if (isExternal && path is { Use: PathUse.Ghost, Mode: ModeBits.Directory })
                return "the deleted directory is there, and CRIU would change its owner and mode";
            return PathExpectation.Judge(path, ModeBits.TypeOf(status.Mode)) ?? CheckDevice(path, status, isExternal);
        }
        if (PathExpectation.JudgeMissing(path) is { } missing)
            return missing;
        // CRIU, or the runtime, creates it and the directories that are missing above it: the first that is there must be one.
        for (var rest = beneath; rest.Length > 1;)
        {
            rest = rest[..Math.Max(rest.LastIndexOf((byte)'/'), 0)];
            _lookups += CountNames(rest);
            if (_lookups > MaxLookups || rest.Length == 0)
                return null;
            if (MountBacking.Stat(folder, rest) is { } above)
                return above.IsDirectory ? null : $"{Encoding.UTF8.GetString(rest)} is {ModeBits.Describe(above.Mode)}, no directory";
        }
        return null;
    }

    // In what the administrator lets the container have of the host, he also lets it have the devices.
    private string? CheckDevice(ImagePathField path, FileStatus status, bool isExternal) =>
        path.Use == PathUse.Open && !isExternal && (status.IsCharacterDevice || status.IsBlockDevice)
            && !_devices.Has(status.IsBlockDevice ? 'b' : 'c', status.DeviceMajor, status.DeviceMinor)
            ? $"it is device {status.DeviceMajor}:{status.DeviceMinor}, which the spec doesn't give the container"
            : null;

    // The part of a file system that a mount shows, where the file system itself is.
    private string? CheckPart(ImagePathField path)
    {
        if (path.Mount is null || TmpfsTarPathCheck.IsPacked(path.Mount)
            || _root.WholeOf(path.Mount, path.Mounts) is not var (content, beneath))
            return null;
        return CheckIn(content, Encoding.UTF8.GetBytes(beneath), path, isExternal: false);
    }

    private string? CheckFollowed(ImagePathField path)
    {
        var text = path.Text;
        _lookups += CountNames(path.Bytes) * (CountNames(path.Bytes) + 1) / 2;
        if (path.Use == PathUse.Watch)
        {
            var watched = _root.Follow(text, path.Mounts, followLast: true);
            return watched.Wrong ?? (watched.IsThere ? null : PathExpectation.JudgeMissing(path));
        }
        var found = _root.Follow(text, path.Mounts, followLast: false);
        if (found.Wrong is not null || found.Mount is not { } mount)
            return found.Wrong;
        if (found.Status is { } status && PathExpectation.Judge(path, ModeBits.TypeOf(status.Mode)) is { } wrong)
            return wrong;
        return found.Path == text ? null : JudgePlace(found.Path, mount);
    }

    // The place of a socket that its name leads to by symbolic links.
    private string? JudgePlace(string path, MountNode mount) => (mount, _root.Access) switch
    {
        var (place, _) when KernelFileImageRule.IsKernels(place.FileSystem) =>
            $"it leads into a file system of the kernel's, at {place.Point}",
        var (place, access) when access.IsReadOnly(path, place) => $"it leads where the container can't write, to {path}",
        _ => null,
    };

    private static int CountNames(ReadOnlySpan<byte> path) => path.Count((byte)'/');

    private static int PrefixLength(string point) => point == "/" ? 0 : Encoding.UTF8.GetByteCount(point);

    private void Refuse(ImagePathField path, string message)
    {
        var finding = new Finding(PathImageRule.Rule.Id, Severity.Refused, path.Where, path.Text, message, null);
        if (_findings.Count < MaxFindings && !_findings.Contains(finding))
            _findings.Add(finding);
    }
}
