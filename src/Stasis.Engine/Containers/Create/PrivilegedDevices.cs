using System.Text.Json;
using Stasis.Engine.RuntimeSpec;
using Stasis.Linux.Files;

namespace Stasis.Engine.Containers.Create;

/// <summary>The host's device nodes, all of which a privileged container gets.</summary>
internal static class PrivilegedDevices
{
    // The container has instances of its own mounted there (runc libcontainer/devices: GetDevices).
    private static readonly string[] Skipped = ["pts", "shm", "fd", "mqueue", ".lxc", ".lxd-mounts", ".udev"];

    /// <summary>Reads the device nodes below /dev, as the spec's "devices".</summary>
    public static JsonElement ReadFromHost() => JsonSerializer.SerializeToElement([.. Walk("/dev")], EngineJson.Default.OciDeviceArray);

    private static IEnumerable<OciDevice> Walk(string directory)
    {
        foreach (var path in Directory.EnumerateFileSystemEntries(directory).Order(StringComparer.Ordinal))
        {
            var name = Path.GetFileName(path);
            if (name == "console" || Skipped.Contains(name) || FileStatus.TryRead(path) is not { } status)
                continue;
            if (status.IsDirectory)
            {
                foreach (var below in Walk(path))
                    yield return below;
            }
            else if (status.IsCharacterDevice || status.IsBlockDevice)
            {
                yield return new OciDevice
                {
                    Path = path,
                    Type = status.IsBlockDevice ? "b" : "c",
                    Major = status.DeviceMajor,
                    Minor = status.DeviceMinor,
                    FileMode = status.Permissions,
                    Uid = status.Uid,
                    Gid = status.Gid,
                };
            }
        }
    }
}
