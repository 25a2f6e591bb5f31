using Stasis.Engine.Errors;
using Stasis.Engine.Model;
using Stasis.Engine.RuntimeSpec;
using Stasis.Engine.Storage;
using Stasis.Linux.Files;
using Stasis.Linux.Network;

namespace Stasis.Engine.Checkpoints.Restore;

/// <summary>
/// The spec's kernel parameters of a container's network namespace. A runtime sets them when it creates a container, not when it restores
/// one, and CRIU doesn't see to a namespace that the engine made.
/// </summary>
internal static class NetworkSysctls
{
    private const string Root = "/proc/sys", Network = "net";

    /// <summary>Sets them in the namespace, which is attached to its networks.</summary>
    /// <exception cref="RestoreFailedException">There is no such parameter, or it can't have the value.</exception>
    public static void Apply(Container container, ContainerLayout paths)
    {
        if (container.Config.CreateNetNs)
            Apply(container.Spec, paths.NetNs, container.Name);
    }

    /// <summary>Sets them in an engine's namespace, whosever that engine is.</summary>
    /// <param name="spec">The spec.</param>
    /// <param name="space">The namespace's file.</param>
    /// <param name="name">The container's name, for messages.</param>
    /// <exception cref="RestoreFailedException">There is no such parameter, or it can't have the value.</exception>
    public static void Apply(OciSpec spec, string space, string name)
    {
        var wanted = (spec.Linux?.Sysctl ?? new Dictionary<string, string>())
            .Select(pair => (pair.Key, Path: FindPath(pair.Key), pair.Value)).Where(setting => setting.Path is not null).ToList();
        if (wanted.Count == 0)
            return;
        NetworkNamespace.Run(space, () =>
        {
            foreach (var (parameter, path, value) in wanted)
                Set(name, parameter, path!, value);
        });
    }

    /// <summary>The file of a network parameter; null if the name is of another kind, or leads elsewhere.</summary>
    // As in sysctl(8): "net.ipv4.ip_forward", or "net/ipv4/conf/eth0.100/forwarding", in which dots are part of names.
    internal static string? FindPath(string name)
    {
        string[] parts = name.IndexOf('/', StringComparison.Ordinal) is var slash and >= 0 && !name[..slash].Contains('.')
            ? name.Split('/')
            : name.Replace('/', '.').Split('.');
        return parts is [Network, _, ..] && !parts.Any(part => part is "" or "." or ".." || part.Contains('\0', StringComparison.Ordinal))
            ? Path.Combine([Root, .. parts])
            : null;
    }

    private static void Set(string container, string name, string path, string value)
    {
        try
        {
            PseudoFileWriter.Write(path, value);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new RestoreFailedException($"container {container}: kernel parameter {name} can't be set to \"{value}\": {e.Message}", e);
        }
    }
}
