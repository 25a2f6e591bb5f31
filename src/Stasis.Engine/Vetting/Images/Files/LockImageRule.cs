using System.Globalization;
using Stasis.Engine.Criu.Images;

namespace Stasis.Engine.Vetting.Images.Files;

/// <summary>Locks on files are held by processes that are there.</summary>
internal static class LockImageRule
{
    private const string Rule = "image-lock";
    private const uint Posix = 1, Flock = 2, Ofd = 4, Lease = 8; // FL_…, as CRIU writes them (criu/include/file-lock.h)

    public static void Check(ImageVerification verification)
    {
        var file = ImageKind.Get("filelocks").TheFile;
        var count = 0;
        foreach (var held in verification.Images.Read(file))
        {
            var where = $"{verification.Images.Where(file)}[{count++}]";
            if (held.Signed("pid") is var pid && (pid is <= 0 or > uint.MaxValue || !verification.Ids.Contains((uint)pid)))
                verification.Refuse(Rule, $"{where}: pid", pid.ToString(CultureInfo.InvariantCulture), "a lock of a process that is not there");
            if (held.U32("flag") is not (Posix or Flock or Ofd or Lease) and { } kind)
                verification.Refuse(Rule, $"{where}: flag", kind.ToString(CultureInfo.InvariantCulture), "a kind of lock that CRIU doesn't know");
        }
    }
}
