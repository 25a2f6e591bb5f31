using System.Text.Json;
using System.Text.Json.Serialization;
using Stasis.Linux.Files;
using Stasis.Linux.Processes;

namespace Stasis.Engine.LazyPages;

/// <summary>
/// Progress of a container's memory that is supplied on demand: a file under the run root that exists as long as pages are
/// outstanding.
/// </summary>
/// <param name="Server">PID of the page server.</param>
/// <param name="ServerStartTime">Start time of the page server (<see cref="PidFd.StartTime"/>).</param>
/// <param name="Total">Bytes that are supplied on demand.</param>
/// <param name="Loaded">Bytes of <paramref name="Total"/> that have been supplied.</param>
public sealed record LazyPagesProgress(int Server, ulong ServerStartTime, long Total, long Loaded)
{
    /// <summary>Bytes that are still to be supplied.</summary>
    [JsonIgnore]
    public long Outstanding => Total - Loaded;

    /// <summary>Whether the page server runs.</summary>
    internal bool IsServed => PidFd.StartTime(Server) == ServerStartTime;

    /// <summary>Reads the file; null if there is none: all memory is there.</summary>
    internal static LazyPagesProgress? Read(string path)
    {
        try
        {
            return JsonSerializer.Deserialize(File.ReadAllBytes(path), EngineJson.Default.LazyPagesProgress);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
    }

    /// <summary>Replaces the file atomically. Doesn't survive a crash of the machine.</summary>
    internal void Write(string path) =>
        AtomicFile.Write(path, JsonSerializer.SerializeToUtf8Bytes(this, EngineJson.Default.LazyPagesProgress), durable: false);
}
