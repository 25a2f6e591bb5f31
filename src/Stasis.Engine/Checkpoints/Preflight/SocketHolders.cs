using System.Globalization;

namespace Stasis.Engine.Checkpoints.Preflight;

/// <summary>Finds which processes have sockets open.</summary>
internal static class SocketHolders
{
    private const string Prefix = "socket:[";

    /// <summary>By a socket's inode number, the first of these processes that has it, with its descriptor.</summary>
    public static Dictionary<uint, SocketHolder> Find(IEnumerable<int> pids)
    {
        var found = new Dictionary<uint, SocketHolder>();
        foreach (var pid in pids)
        {
            try
            {
                foreach (var path in Directory.EnumerateFileSystemEntries(FormattableString.Invariant($"/proc/{pid}/fd")))
                {
                    if (new FileInfo(path).LinkTarget is { } target && target.StartsWith(Prefix, StringComparison.Ordinal))
                        found.TryAdd(
                            uint.Parse(target.AsSpan(Prefix.Length).TrimEnd(']'), CultureInfo.InvariantCulture),
                            new SocketHolder(pid, int.Parse(Path.GetFileName(path), CultureInfo.InvariantCulture)));
                }
            }
            catch (IOException)
            {
                continue; // the process has ended
            }
        }
        return found;
    }
}
