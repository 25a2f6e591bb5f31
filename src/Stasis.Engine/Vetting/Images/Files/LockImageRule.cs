using System.Globalization;
using Stasis.Engine.Criu.Images;
using Stasis.Engine.Vetting.Findings;

namespace Stasis.Engine.Vetting.Images.Files;

/// <summary>Requires that file locks are held by processes of the images, and are of a known kind.</summary>
internal static class LockImageRule
{
    public static readonly RuleDescriptor Rule = new()
    {
        Id = "image-lock",
        Finds = "file locks of processes that are not there, or of a kind that CRIU doesn't know",
    };

    private const uint Posix = 1, Flock = 2, Ofd = 4, Lease = 8; // FL_…, as CRIU writes them (criu/include/file-lock.h)

    public static void Check(ImageVerification verification)
    {
        var file = ImageKind.Get("filelocks").TheFile;
        var count = 0;
        foreach (var held in verification.Images.Read(file))
        {
            var where = $"{verification.Images.Where(file)}[{count++}]";
            if (held.Signed("pid") is var pid && (pid is <= 0 or > uint.MaxValue || !verification.Ids.Contains((uint)pid)))
                verification.Refuse(
                    Rule,
                    $"{where}: pid",
                    pid.ToString(CultureInfo.InvariantCulture),
                    "a lock of a process that is not there");
            if (held.U32("flag") is not (Posix or Flock or Ofd or Lease) and { } kind)
                verification.Refuse(
                    Rule,
                    $"{where}: flag",
                    kind.ToString(CultureInfo.InvariantCulture),
                    "a kind of lock that CRIU doesn't know");
        }
    }
}

internal static partial class FileImageCheckList
{
    internal static readonly ImageCheck Lock = Add(new(200, LockImageRule.Check, LockImageRule.Rule));
}
