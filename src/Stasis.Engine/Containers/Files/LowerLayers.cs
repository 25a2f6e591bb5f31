using System.Text;
using Stasis.Linux.Files;
using Stasis.Linux.Mounts;

namespace Stasis.Engine.Containers.Files;

/// <summary>The layers beneath a container's root file system, seen as one: through the whiteouts and opaque folders among them.</summary>
/// <param name="layers">Their folders, topmost first.</param>
internal sealed class LowerLayers(IReadOnlyList<string> layers)
{
    /// <summary>Whether the image has that name in a folder, both relative to the root.</summary>
    public bool Has(byte[] folder, ReadOnlySpan<byte> name) => Find(folder, name) is not null;

    /// <summary>Whether that path is a symbolic link in the image.</summary>
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

    /// <summary>The names that the image has in a folder.</summary>
    public IReadOnlyList<byte[]> Names(byte[] folder)
    {
        var names = new List<byte[]>();
        var decided = new HashSet<string>();
        foreach (var layer in layers)
        {
            using var opened = Open(layer, folder, out var hidesLower);
            foreach (var name in opened?.Names() ?? [])
            {
                // One character for each byte tells all names apart.
                if (decided.Add(Encoding.Latin1.GetString(name)) && !Overlay.IsWhiteout(opened!.Stat(name)))
                    names.Add(name);
            }
            if (hidesLower)
                break;
        }
        return names;
    }

    // Component by component: a link in a layer must not lead out of it, and each may hide what lower layers have.
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
