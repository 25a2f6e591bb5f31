using System.Globalization;
using Stasis.Engine.Criu.Images;

namespace Stasis.Engine.Vetting.Images.Files;

/// <summary>
/// Requires of connections that no more is unsent than is in the queue. CRIU would send what lies behind the queue in its own memory
/// (soccr/soccr.c: libsoccr_restore_queue).
/// </summary>
internal static class TcpStreamImageCheck
{
    public static void Check(ImageVerification verification)
    {
        foreach (var file in verification.Images.Files().Where(file => ImageKind.Find(file) is { Kind.Name: "tcp-stream-" }))
        {
            if (verification.Images.One(file) is { } stream && stream.U32("unsq_len") > stream.U32("outq_len"))
                verification.Refuse(
                    SocketImageRule.Rule,
                    $"{verification.Images.Where(file)}: unsq_len",
                    stream.U32("unsq_len").ToString(CultureInfo.InvariantCulture),
                    "more than there is to send");
        }
    }
}

internal static partial class FileImageCheckList
{
    internal static readonly ImageCheck TcpStream = Add(new(93, TcpStreamImageCheck.Check));
}
