using System.Text;
using Stasis.Engine.Containers.Adoption;
using Stasis.Engine.RuntimeSpec;
using Stasis.Linux.Files;

namespace Stasis.Engine.RuntimeCommand.Mounts;

/// <summary>Finds out where a mount of a spec is in a container: symbolic links of the root file system lead within it.</summary>
internal sealed class MountPointResolver : IDisposable
{
    private const int MaxLinks = 40; // the kernel's

    private readonly RootedPath _root;
    private readonly Dictionary<string, string> _sources = [];
    private readonly HashSet<string> _privateFiles = [];

    /// <param name="root">Where the root file system is mounted.</param>
    /// <param name="mounts">The spec's mounts.</param>
    public MountPointResolver(string root, IEnumerable<OciMount> mounts)
    {
        _root = RootedPath.Open(root);
        foreach (var mount in mounts.Where(mount => RestoredMountSources.IsBind(mount) && mount.Source is not null))
            _sources[Resolve(mount.Destination)] = mount.Source!;
    }

    /// <summary>The real place of a mount point, whether or not there is anything yet.</summary>
    /// <param name="path">An absolute path in the container.</param>
    public string Resolve(string path)
    {
        var rest = new Stack<string>(Split(path).Reverse());
        var (found, links) = ("", 0);
        while (rest.TryPop(out var name))
        {
            if (name is "." or "..")
            {
                found = name == "." ? found : found[..Math.Max(0, found.LastIndexOf('/'))];
                continue;
            }
            var next = $"{found}/{name}";
            if (_root.Stat(next) is not { IsSymbolicLink: true } || ++links > MaxLinks)
            {
                found = next;
                continue;
            }
            var target = Encoding.UTF8.GetString(_root.ReadLink(next));
            if (target.StartsWith('/'))
                found = "";
            foreach (var part in Split(target).Reverse())
                rest.Push(part);
        }
        return found.Length > 0 ? found : "/";
    }

    /// <summary>Adds a bind of our own, whose source is yet to be made.</summary>
    /// <param name="point">Its real place.</param>
    /// <param name="isFile">Whether it is a file, if the root file system has nothing there.</param>
    public void AddPrivate(string point, bool isFile)
    {
        if (_root.Stat(point) is { } status ? !status.IsDirectory : isFile)
            _privateFiles.Add(point);
    }

    /// <summary>Whether what is mounted at a place is a file.</summary>
    public bool IsFile(string point) =>
        _privateFiles.Contains(point) || (_sources.TryGetValue(point, out var source) && File.Exists(source));

    /// <summary>The modes of what is at the root and at the binds, by mount point.</summary>
    public Dictionary<string, uint> ReadModes()
    {
        var modes = new Dictionary<string, uint> { ["/"] = FileStatus.Read(_root.Root).Mode };
        foreach (var (point, source) in _sources)
        {
            // The kernel follows a link of the host's.
            if (FileStatus.TryRead(RealPath.TryResolve(source) ?? source) is { } status)
                modes[point] = status.Mode;
        }
        return modes;
    }

    /// <inheritdoc/>
    public void Dispose() => _root.Dispose();

    private static string[] Split(string path) => path.Split('/', StringSplitOptions.RemoveEmptyEntries);
}
