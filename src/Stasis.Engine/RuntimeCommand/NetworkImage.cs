using Stasis.Engine.Criu.Images;

namespace Stasis.Engine.RuntimeCommand;

/// <summary>
/// The container's network namespace in images: CRIU is to take the one that the runtime hands over, and to set up nothing in it. What the
/// images say of devices, addresses and routes is of a network that isn't there.
/// </summary>
internal static class NetworkImage
{
    private const string RuntimeKey = "extRootNetNS"; // runc's and crun's

    // Images of a namespace, by its number (criu/net.c).
    private static readonly string[] Contents =
        ["netdev-", "ifaddr-", "route-", "route6-", "rule-", "iptables-", "ip6tables-", "nftables-", "netns-ct-", "netns-exp-"];

    private static readonly ImageKind Kind = ImageKind.Get("netns-"), Ids = ImageKind.Get("ids-"), Tree = ImageKind.Get("pstree");

    /// <summary>Makes the first process's network namespace external.</summary>
    /// <param name="images">The folder of images.</param>
    /// <exception cref="InvalidDataException">An image is damaged.</exception>
    public static void MakeExternal(string images)
    {
        if (LocalImageFile.TryReadFirst(Path.Combine(images, Tree.TheFile), Tree) is not { } first
            || LocalImageFile.TryReadFirst(Path.Combine(images, Ids.File(first.U32("pid"))), Ids) is not { } namespaces)
            return; // the verifier says that they are missing
        var id = namespaces.U32("net_ns_id");
        var path = Path.Combine(images, Kind.File(id));
        if (LocalImageFile.TryReadFirst(path, Kind)?.Has("ext_key") == true)
            return;
        var external = new ImageRecord(ReadOnlyMemory<byte>.Empty, ImageSchema.Message("netns_entry")).With("ext_key", RuntimeKey);
        LocalImageFile.Write(path, Kind, external);
        foreach (var content in Contents)
            File.Delete(Path.Combine(images, ImageKind.Get(content).File(id)));
    }
}
