using System.Text;
using Stasis.Engine.Common;
using Stasis.Linux.Files;

namespace Stasis.Engine.Storage;

/// <summary>
/// Shows that in this boot of the machine a command has already removed what the last crash left on the disk. It is in the run root,
/// which a reboot empties; should the run root be a folder of the disk, the ID in the mark tells.
/// </summary>
internal static class BootCleanupMark
{
    /// <summary>Whether the mark is there.</summary>
    public static bool IsOfThisBoot(Layout layout)
    {
        try
        {
            return File.ReadAllText(layout.BootMark) == BootId.Id;
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return false;
        }
    }

    /// <summary>Makes the mark.</summary>
    public static void Write(Layout layout)
    {
        PrivateDirectory.Create(layout.RunRoot);
        AtomicFile.Write(layout.BootMark, Encoding.ASCII.GetBytes(BootId.Id), durable: false);
    }
}
