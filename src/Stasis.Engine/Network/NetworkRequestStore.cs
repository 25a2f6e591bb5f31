using System.Text.Json;
using Stasis.Engine.Storage;
using Stasis.Linux.Files;

namespace Stasis.Engine.Network;

/// <summary>
/// The requests of all containers that are attached to networks, a file each under the run root. They are written
/// before netavark is asked and go when it has taken things down, so that after a crash they tell what must be taken
/// down; after a reboot they are gone, as the networks are. Whoever changes one holds <see cref="Layout.NetworkLock"/>.
/// </summary>
internal sealed class NetworkRequestStore(Layout layout)
{
    public IEnumerable<NetavarkRequest> All() => Directory.Exists(layout.NetworkRequests)
        ? Directory.EnumerateFiles(layout.NetworkRequests)
            .Where(path => Path.GetFileName(path) is { Length: 64 }) // not one that is only being written
            .Select(ReadFile).OfType<NetavarkRequest>()
        : [];

    public NetavarkRequest? Find(string containerId) => ReadFile(layout.NetworkRequest(containerId));

    public void Write(NetavarkRequest request)
    {
        PrivateDirectory.Create(layout.NetworkRequests);
        var json = JsonSerializer.SerializeToUtf8Bytes(request, EngineJson.Default.NetavarkRequest);
        AtomicFile.Write(layout.NetworkRequest(request.ContainerId), json, durable: false);
    }

    public void Delete(string containerId) => File.Delete(layout.NetworkRequest(containerId));

    private static NetavarkRequest? ReadFile(string path)
    {
        try
        {
            return JsonSerializer.Deserialize(File.ReadAllBytes(path), EngineJson.Default.NetavarkRequest);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return null; // taken down meanwhile
        }
    }
}
