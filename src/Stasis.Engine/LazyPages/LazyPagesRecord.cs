using System.Text.Json;
using System.Text.Json.Serialization;
using Stasis.Engine.Common;
using Stasis.Linux.Files;
using Stasis.Linux.Processes;

namespace Stasis.Engine.LazyPages;

/// <summary>How far the memory of a container is there that is supplied on demand: a file under the run root, as long as pages are outstanding.</summary>
/// <param name="Server">PID of the process that supplies them.</param>
/// <param name="ServerStartTime">When that was started (<see cref="PidFd.StartTime"/>).</param>
/// <param name="Total">Bytes that CRIU left to be supplied on demand.</param>
/// <param name="Loaded">Bytes of them that are there.</param>
public sealed record LazyPagesRecord(int Server, ulong ServerStartTime, long Total, long Loaded)
{
    /// <summary>Bytes that are missing.</summary>
    [JsonIgnore]
    public long Outstanding => Total - Loaded;

    /// <summary>Whether the process that supplies them lives.</summary>
    internal bool IsServed => PidFd.StartTime(Server) == ServerStartTime;

    /// <summary>Reads it; null if all memory is there.</summary>
    internal static LazyPagesRecord? Read(string path)
    {
        try
        {
            return JsonSerializer.Deserialize(File.ReadAllBytes(path), EngineJson.Default.LazyPagesRecord);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
    }

    internal void Write(string path) => AtomicFile.Write(path, JsonSerializer.SerializeToUtf8Bytes(this, EngineJson.Default.LazyPagesRecord), durable: false);
}
