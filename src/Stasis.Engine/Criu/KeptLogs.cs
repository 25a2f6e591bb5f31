using Stasis.Engine.Storage;

namespace Stasis.Engine.Criu;

/// <summary>CRIU's logs of failed restores, which outlive the container that could not be restored. The last ten are kept.</summary>
internal static class KeptLogs
{
    private const int MaxLogs = 10;

    /// <summary>Moves a log there.</summary>
    /// <returns>Where it is: the old path if it can't be moved.</returns>
    public static string Keep(Layout layout, string log, string id, string verb)
    {
        var kept = CriuLog.Keep(log, layout.KeptLog(id, verb));
        if (kept != log)
            RemoveOld(Path.GetDirectoryName(kept) ?? "/");
        return kept;
    }

    private static void RemoveOld(string folder)
    {
        try
        {
            foreach (var old in new DirectoryInfo(folder).GetFiles().OrderByDescending(file => file.LastWriteTimeUtc).Skip(MaxLogs))
                old.Delete();
        }
        catch (IOException)
        {
            // Another process removes them too.
        }
    }
}
