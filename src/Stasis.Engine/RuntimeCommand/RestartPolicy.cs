using System.Text.Json;
using Stasis.Engine.Errors;
using Stasis.Engine.Vetting.Images.Namespaces;
using Stasis.Linux;
using Stasis.Linux.Files;

namespace Stasis.Engine.RuntimeCommand;

/// <summary>
/// Decides what an engine's restart of a restored container does. By default, the container's command begins afresh, as in every other
/// container. A mark in the root file system, which lives as long as the container, says that the container has run.
/// </summary>
internal static class RestartPolicy
{
    /// <summary>The annotation that says what a restart does: <see cref="FromCheckpoint"/> or <see cref="Fresh"/>.</summary>
    public const string Annotation = "dev.stasis.restart";

    /// <summary>It restores the checkpoint again.</summary>
    public const string FromCheckpoint = "checkpoint";

    /// <summary>It runs the command.</summary>
    public const string Fresh = "fresh";

    // Set by root alone (xattr(7)).
    private const string Mark = "trusted.stasis.started";

    /// <summary>Records that a container runs. Where the file system can't, a restart restores the checkpoint again.</summary>
    /// <param name="root">Where its root file system is mounted.</param>
    public static void MarkStarted(string root)
    {
        try
        {
            Xattrs.Set(root, Mark, "1"u8);
        }
        catch (LinuxException)
        {
            return;
        }
    }

    /// <summary>
    /// Whether a container that is created is to run its command: then the checkpoint's mount is taken out of the bundle, which the engine
    /// writes anew for each start.
    /// </summary>
    /// <param name="bundle">The bundle's folder.</param>
    /// <exception cref="StasisException">The annotation has another value.</exception>
    public static bool TryStartFresh(string bundle)
    {
        var config = Path.Combine(bundle, "config.json");
        var spec = JsonSerializer.Deserialize(File.ReadAllBytes(config), EngineJson.Default.OciSpec);
        var policy = spec?.Annotations?.GetValueOrDefault(Annotation) ?? Fresh;
        if (policy is not (Fresh or FromCheckpoint))
        {
            throw new StasisException($"annotation {Annotation}: \"{policy}\" is neither {Fresh} nor {FromCheckpoint}");
        }
        if (policy != Fresh || spec?.Root is null || !IsStarted(Path.GetFullPath(Path.Combine(bundle, spec.Root.Path))))
            return false;
        var mounts = spec.Mounts?.Where(mount => SpecMount.Clean(mount.Destination) != BundleCheckpoint.MountPoint).ToList();
        var fresh = spec with { Mounts = mounts };
        AtomicFile.Write(config, JsonSerializer.SerializeToUtf8Bytes(fresh, EngineJson.Default.OciSpec), durable: false);
        return true;
    }

    private static bool IsStarted(string root) => Directory.Exists(root) && Xattrs.Get(root, Mark) is not null;
}
