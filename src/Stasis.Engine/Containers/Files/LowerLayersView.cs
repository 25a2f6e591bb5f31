using System.Text;
using Stasis.Linux.Files;
using Stasis.Linux.Mounts;

namespace Stasis.Engine.Containers.Files;

/// <summary>
/// The layers beneath a container's root file system, read as one: whiteouts and opaque folders hide files of lower layers.
/// </summary>
/// <param name="layers">Their folders, topmost first.</param>
internal sealed class LowerLayersView(IReadOnlyList<string> layers)
{
    /// <summary>Whether the layers have a name in a folder, whose path is relative to the root.</summary>
    public bool Has(byte[] folder, ReadOnlySpan<byte> name) => Find(folder, name) is not null;

    /// <summary>Whether a path, relative to the root, is a symbolic link.</summary>
    public bool IsLink(byte[] path)
    {
        var slash = Array.LastIndexOf(path, (byte)'/');
        return Find(path[..Math.Max(slash, 0)], path.AsSpan(slash + 1)) is { IsSymbolicLink: true };
    }

    private FileStatus? Find(byte[] folder, ReadOnlySpan<byte> name)
    {
        foreach (var layer in layers)
        {
            using var opened = Open(layer, folder, out var hidesLower);
            if (opened is not null && FileStatus.TryRead(opened.Handle, name) is { } status)
                return Overlay.IsWhiteout(status) ? null : status;
            if (hidesLower)
                break;
        }
        return null;
    }

    /// <summary>Returns the names in a folder.</summary>
    public IReadOnlyList<byte[]> Names(byte[] folder)
    {
        var names = new List<byte[]>();
        var decided = new HashSet<string>();
        foreach (var layer in layers)
        {
            using var opened = Open(layer, folder, out var hidesLower);
            if (opened is not null)
                AddNames(opened);
            if (hidesLower)
                break;
        }
        return names;

        void AddNames(DirectoryHandle opened)
        {
            foreach (var name in opened.Names())
            {
                // Latin-1 has one character for each byte: different names stay different.
                if (decided.Add(Encoding.Latin1.GetString(name)) && !Overlay.IsWhiteout(opened.Stat(name)))
                    names.Add(name);
            }
        }
    }

    // Component by component: a link in a layer must not lead out of it, and each component may hide lower layers.
    private static DirectoryHandle? Open(string layer, byte[] path, out bool hidesLower)
    {
        hidesLower = false;
        var folder = DirectoryHandle.Open(layer);
        if (path.Length == 0)
            return folder;
        foreach (var part in path.AsSpan().Split((byte)'/'))
        {
            using var parent = folder;
            var name = path.AsSpan(part);
            var status = FileStatus.TryRead(parent.Handle, name);
            hidesLower |= status is { IsDirectory: false };
            if (status is not { IsDirectory: true })
                return null;
            hidesLower |= Overlay.IsOpaque(parent, name);
            folder = parent.OpenFolder(name);
        }
        return folder;
    }
}
