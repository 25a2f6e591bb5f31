using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using Stasis.Engine.Criu.Images;

namespace Stasis.Engine.Criu;

/// <summary>All open files of a dump: files.img.</summary>
internal static class FilesImage
{
    private const uint Inet6 = 10; // AF_INET6
    private const string Source = "src_addr", Destination = "dst_addr";

    private static readonly ImageKind Kind = ImageKind.Get("files");

    /// <summary>
    /// Drops the recorded size of files: CRIU restores none whose size is another. For files that are written anew for each restore.
    /// </summary>
    /// <param name="images">The folder of CRIU's images.</param>
    /// <param name="paths">The files, as the processes name them.</param>
    /// <exception cref="InvalidDataException">The image is damaged.</exception>
    public static void DropSizes(string images, IReadOnlyCollection<string> paths) => Change(
        images, file => file.Child("reg") is { } regular && regular.Has("size") && paths.Contains(regular.Text("name"))
            ? file.With("reg", regular.Without("size")) : null);

    /// <summary>
    /// Records other modes of folders and files: CRIU restores none whose mode is another. For mount points, where something else is
    /// mounted now.
    /// </summary>
    /// <param name="images">The folder of CRIU's images.</param>
    /// <param name="modes">The mode of what is mounted, by mount point.</param>
    /// <exception cref="InvalidDataException">The image is damaged.</exception>
    public static void SetModes(string images, IReadOnlyDictionary<string, uint> modes) => Change(
        images, file => file.Child("reg") is { } regular && modes.TryGetValue(ToAbsolute(regular.Text("name")), out var mode)
            && regular.U32("mode") != mode && IsSameType(regular.U32("mode"), mode)
            ? file.With("reg", regular.With("mode", mode)) : null);

    /// <summary>Whether a socket has one of these addresses.</summary>
    /// <param name="images">The folder of CRIU's images.</param>
    /// <param name="addresses">The addresses.</param>
    /// <exception cref="InvalidDataException">The image is damaged.</exception>
    public static bool HasSocketAt(string images, IReadOnlyDictionary<IPAddress, IPAddress> addresses) =>
        Read(images).Any(file => TryMove(file, addresses) is not null);

    /// <summary>Puts other addresses in the place of those that sockets are bound and connected to.</summary>
    /// <param name="images">The folder of CRIU's images.</param>
    /// <param name="addresses">The new address of each old one, of the same family.</param>
    /// <exception cref="InvalidDataException">The image is damaged.</exception>
    public static void MoveSockets(string images, IReadOnlyDictionary<IPAddress, IPAddress> addresses) =>
        Change(images, file => TryMove(file, addresses));

    private static ImageRecord? TryMove(ImageRecord file, IReadOnlyDictionary<IPAddress, IPAddress> addresses)
    {
        if (file.Child("isk") is not { } socket)
            return null;
        var moved = socket;
        foreach (var field in (string[])[Source, Destination])
        {
            if (TryMove([.. socket.Numbers(field)], socket.U32("family") == Inet6, addresses) is { } words)
                moved = moved.WithNumbers(field, words);
        }
        return moved.Data.Equals(socket.Data) ? null : file.With("isk", moved);
    }

    // An address is words of 32 bits, as they lie in memory. IPv6 sockets have IPv4 addresses as ::ffff:a.b.c.d.
    private static ulong[]? TryMove(ulong[] words, bool isInet6, IReadOnlyDictionary<IPAddress, IPAddress> addresses)
    {
        if (words.Length != (isInet6 ? 4 : 1))
            return null;
        var bytes = MemoryMarshal.AsBytes<uint>(Array.ConvertAll(words, word => (uint)word)).ToArray();
        var address = new IPAddress(bytes);
        if (addresses.TryGetValue(address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address, out var moved))
            address = isInet6 && moved.AddressFamily == AddressFamily.InterNetwork ? moved.MapToIPv6() : moved;
        else
            return null;
        return Array.ConvertAll(MemoryMarshal.Cast<byte, uint>(address.GetAddressBytes()).ToArray(), word => (ulong)word);
    }

    private static bool IsSameType(uint left, uint right) => ((left ^ right) & 0xF000 /* S_IFMT */) == 0;

    // CRIU writes the root itself as ".".
    private static string ToAbsolute(string name) => name == "." ? "/" : name;

    private static void Change(string images, Func<ImageRecord, ImageRecord?> change)
    {
        var files = Read(images);
        var isChanged = false;
        for (var i = 0; i < files.Count; i++)
        {
            if (change(files[i]) is { } changed)
                (files[i], isChanged) = (changed, true);
        }
        if (isChanged)
            LocalImageFile.Write(PathIn(images), Kind, files);
    }

    private static List<ImageRecord> Read(string images) => File.Exists(PathIn(images)) ? LocalImageFile.Read(PathIn(images), Kind) : [];

    private static string PathIn(string images) => Path.Combine(images, Kind.TheFile);
}
