using System.Globalization;
using System.Text;
using Stasis.Engine.Criu.Images;
using Stasis.Engine.Vetting.Findings;

namespace Stasis.Engine.Vetting.Images.Files;

/// <summary>
/// Requires that sockets are in the container's network namespace, have no peer outside, and are of kinds
/// that its processes may create.
/// </summary>
internal static class SocketImageRule
{
    public static readonly RuleDescriptor Rule = new()
    {
        Id = "image-socket",
        Finds = "sockets of another network namespace, with an end outside, or raw or packet sockets without "
            + "CAP_NET_RAW",
    };

    private const uint Stream = 1, Datagram = 2, Raw = 3, SequencedPacket = 5; // SOCK_…
    private const uint Inet = 2, Inet6 = 10; // AF_…
    private const uint Audit = 9; // NETLINK_AUDIT: the only netlink protocol without namespaces
    // USK_EXTERN, USK_SERVICE, USK_CALLBACK, USK_INHERIT (criu/sk-unix.c): the peer is outside the container
    private const uint Outside = 0b1111;

    public static void Check(ImageVerification verification, int index, string where, ImageRecord socket, uint type)
    {
        if (verification.Namespaces is { } own && socket.Has("ns_id")
            && socket.U32("ns_id") != own.U32("net_ns_id") && !verification.Allowed.May("CAP_SYS_ADMIN"))
            verification.Refuse(
                Rule,
                $"{where}.ns_id",
                Text(socket.U32("ns_id")),
                "a socket of another network namespace than the container's");
        if (verification.HostNamespaces is { } host && verification.Allowed.Namespace("network") is not null
            && socket.Has("ns_id") && socket.U32("ns_id") == host.U32("net_ns_id"))
            verification.Refuse(Rule, $"{where}.ns_id", Text(socket.U32("ns_id")), "a socket of the host's network namespace");
        if (socket.Child("opts") is { } options)
            CheckOptions(verification, $"{where}.opts", options);
        switch (type)
        {
            case OpenFile.InetSocket:
                CheckInet(verification, where, socket);
                break;
            case OpenFile.UnixSocket:
                CheckUnix(verification, index, where, socket);
                break;
            case OpenFile.PacketSocket when !verification.Allowed.May("CAP_NET_RAW"):
                verification.Refuse(Rule, where, "packet", "only a process with CAP_NET_RAW has one, and the spec gives it to none");
                break;
            case OpenFile.NetlinkSocket when socket.U32("protocol") == Audit
                && !verification.Allowed.May("CAP_AUDIT_READ")
                && !verification.Allowed.May("CAP_AUDIT_WRITE"):
                verification.Refuse(Rule, $"{where}.protocol", Text(Audit), "the kernel's audit, which the spec gives to none");
                break;
        }
    }

    private static void CheckInet(ImageVerification verification, string where, ImageRecord socket)
    {
        if (socket.U32("family") is not (Inet or Inet6) || socket.U32("type") is not (Stream or Datagram or Raw or SequencedPacket))
            verification.Refuse(Rule, where, $"{Text(socket.U32("family"))}/{Text(socket.U32("type"))}", "no socket of the Internet's");
        // ICMP datagram sockets need no capability where net.ipv4.ping_group_range allows them.
        if (socket.U32("type") == Raw && !verification.Allowed.May("CAP_NET_RAW"))
            verification.Refuse(Rule, $"{where}.type", "raw", "only a process with CAP_NET_RAW has one, and the spec gives it to none");
        var words = socket.U32("family") == Inet ? 1 : 4;
        foreach (var field in (string[])["src_addr", "dst_addr"])
        {
            // CRIU copies as many words as the family's addresses have.
            if (socket.Numbers(field).Take(5).Count() is var count && count != words && !(count == 0 && field == "dst_addr"))
                verification.Refuse(Rule, $"{where}.{field}", Text((uint)count), "an address of another length than its family's");
        }
        if (socket.U32("src_port") > ushort.MaxValue || socket.U32("dst_port") > ushort.MaxValue)
            verification.Refuse(Rule, where, Text(Math.Max(socket.U32("src_port"), socket.U32("dst_port"))), "there is no such port");
    }

    private static void CheckUnix(ImageVerification verification, int index, string where, ImageRecord socket)
    {
        if ((socket.U32("uflags") & Outside) != 0)
            verification.Refuse(
                Rule,
                $"{where}.uflags",
                Text(socket.U32("uflags")),
                "a socket whose other end CRIU would take from outside the container");
        var name = socket.Bytes("name");
        if (name.Length > 108)
            verification.Refuse(Rule, $"{where}.name", Text((uint)name.Length), "a name that is too long for the kernel");
        if (name.Length == 0 || name.Span[0] == 0)
            return; // unnamed, or an abstract name without a file
        var id = socket.ZigZag("mnt_id", -1);
        if (id != -1 && (id is < 0 or > uint.MaxValue || !verification.Mounts.ContainsKey((uint)id)))
            verification.Refuse(
                Rule, $"{where}.mnt_id", PathImageRule.Text(id), "its file lies in a mount that is not there");
        if (socket.Child("file_perms")?.U32("mode") is { } mode
            && (ModeBits.TypeOf(mode) != ModeBits.Socket || (mode & (ModeBits.SetUserId | ModeBits.SetGroupId)) != 0))
            verification.Refuse(Rule, $"{where}.file_perms.mode", "0" + Convert.ToString(mode, 8), "a mode that no socket has");
        if (PathOf(verification, where, socket, name.Span) is { } path && PathImageRule.FindMounts(verification, id) is { } mounts)
            CheckPath(verification, where, new ImagePathField
            {
                Image = verification.Images.Where(ImageKind.Get("files").TheFile),
                Index = index,
                Field = "usk.name",
                Bytes = path,
                Use = socket.Number("deleted") != 0 ? PathUse.DeletedSocket : PathUse.Socket,
                Mode = ModeBits.Socket,
                FollowsLinks = name.Span[0] == '/',
                Mounts = mounts,
            });
    }

    // The socket's path. An absolute name is what the program gave to bind(2), a relative one is beneath a directory that the kernel
    // reports (criu/sk-unix.c: unix_resolve_name).
    private static byte[]? PathOf(ImageVerification verification, string where, ImageRecord socket, ReadOnlySpan<byte> name)
    {
        name = name.TrimEnd((byte)0);
        var folder = socket.Text("name_dir");
        var isAbsolute = name[0] == '/';
        var given = Encoding.UTF8.GetString(name);
        var parts = given.Split('/');
        if (name.Contains((byte)0) || parts.Contains("..") || isAbsolute == (folder.Length > 0)
            || (isAbsolute ? parts.All(part => part is "" or ".")
                : !ImagePathSyntax.IsPlain(folder) || !ImagePathSyntax.IsPlain("/" + given)))
        {
            verification.Refuse(Rule, $"{where}.name", $"{folder} {given}".Trim(), "a path that climbs, or isn't absolute");
            return null;
        }
        if (!isAbsolute)
            return [.. folder == "/" ? default : socket.Bytes("name_dir").Span, (byte)'/', .. name];
        var plain = new List<byte>(name.Length);
        foreach (var range in name.Split((byte)'/'))
        {
            if (name[range] is var part && part.Length > 0 && !part.SequenceEqual("."u8))
                plain.AddRange([(byte)'/', .. part]);
        }
        return [.. plain];
    }

    private static void CheckPath(ImageVerification verification, string where, ImagePathField path)
    {
        var mount = PathImageRule.Add(verification, path);
        var text = path.Text;
        if (!ImagePathSyntax.IsPlain(text))
            return;
        // A name that may lead through symbolic links is judged again when these can be followed.
        mount ??= path.Mounts.Covering(text) is { } covering && KernelFileImageRule.IsKernels(covering.FileSystem) ? covering : null;
        if (mount is not null)
            PathImageRule.RequireWritable(verification, $"{where}.name", text, mount);
    }

    private static void CheckOptions(ImageVerification verification, string where, ImageRecord options)
    {
        var administers = verification.Allowed.May("CAP_NET_ADMIN");
        if (options.U32("so_mark") != 0 && !administers && !verification.Allowed.May("CAP_NET_RAW"))
            verification.Refuse(
                Rule,
                $"{where}.so_mark",
                Text(options.U32("so_mark")),
                "only a process with CAP_NET_ADMIN can mark its packets, and the spec gives it to none");
        if (options.U32("so_priority") > 6 && !administers)
            verification.Refuse(
                Rule,
                $"{where}.so_priority",
                Text(options.U32("so_priority")),
                "only a process with CAP_NET_ADMIN can ask for that priority, and the spec gives it to none");
    }

    private static string Text(uint number) => number.ToString(CultureInfo.InvariantCulture);
}

internal static partial class FileImageCheckList
{
    internal static readonly ImageCheck Socket = Add(new(92, null, SocketImageRule.Rule));
}
