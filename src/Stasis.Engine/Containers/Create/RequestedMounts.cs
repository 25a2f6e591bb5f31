using Stasis.Engine.Common;
using Stasis.Engine.Errors;
using Stasis.Engine.Images;
using Stasis.Engine.Model;
using Stasis.Engine.Oci;
using Stasis.Engine.RuntimeSpec;
using Stasis.Engine.Storage;
using Stasis.Linux.Files;

namespace Stasis.Engine.Containers.Create;

/// <summary>Mounts that the user and the image ask for: <c>-v</c>, <c>--tmpfs</c>, and the image's VOLUMEs.</summary>
/// <param name="Mounts">Mounts of the spec: binds of host paths, tmpfs, and binds of the named volumes.</param>
/// <param name="Named">The named volumes; anonymous volumes have a random name.</param>
internal sealed record RequestedMounts(IReadOnlyList<OciMount> Mounts, IReadOnlyList<NamedVolume> Named)
{
    /// <summary>Builds the mounts from the options and the image.</summary>
    /// <exception cref="StasisException">A mount is invalid, or two have the same destination.</exception>
    public static RequestedMounts Build(CreateOptions options, Image image, Layout layout, HostFacts host)
    {
        var asked = new Dictionary<string, (OciMount Mount, NamedVolume? Volume)>();
        foreach (var volume in options.Volumes)
            Add(Volume(volume, layout, host));
        foreach (var tmpfs in options.Tmpfs)
            Add((Tmpfs(tmpfs), null));
        foreach (var destination in (image.Config.Volumes ?? []).Select(Clean).Where(destination => !asked.ContainsKey(destination)))
            Add(ForNamedVolume(ContainerNameGenerator.NewId(), destination, [], anonymous: true, layout));
        return new RequestedMounts(
            [.. asked.Values.Select(entry => entry.Mount)],
            [.. asked.Values.Select(entry => entry.Volume).OfType<NamedVolume>()]);

        void Add((OciMount Mount, NamedVolume? Volume) entry)
        {
            if (!asked.TryAdd(entry.Mount.Destination, entry))
                throw new StasisException($"{entry.Mount.Destination}: duplicate mount destination");
        }
    }

    /// <summary>Returns a path in a container without "." and "..".</summary>
    /// <exception cref="StasisException">The path isn't absolute, or is the root.</exception>
    internal static string Clean(string destination) => destination switch
    {
        "" => throw new StasisException("container directory cannot be empty"),
        ['/', ..] => Path.GetFullPath(destination).TrimEnd('/') is { Length: > 0 } path
            ? path
            : throw new StasisException("invalid container path \"/\": a mount can't replace the root file system"),
        _ => throw new StasisException($"invalid container path \"{destination}\", must be an absolute path"),
    };

    private static (OciMount, NamedVolume?) Volume(string text, Layout layout, HostFacts host)
    {
        var (source, destination, options) = text.Split(':') switch
        {
            [var only] => (null, only, ""),
            [var from, var to] => (from, to, ""),
            [var from, var to, var with] => (from, to, with),
            _ => throw new StasisException($"{text}: incorrect volume format, should be [host-dir:]ctr-dir[:option]"),
        };
        if (source is "")
            throw new StasisException($"{text}: host directory cannot be empty");
        string[] wanted = options.Length == 0 ? [] : options.Split(',');
        if (source is null)
            return ForNamedVolume(ContainerNameGenerator.NewId(), Clean(destination), wanted, anonymous: true, layout);
        return source is ['/' or '.', ..]
            ? (Bind(source, destination, wanted, host), null)
            : ForNamedVolume(source, Clean(destination), wanted, anonymous: false, layout);
    }

    private static OciMount Bind(string source, string destination, string[] options, HostFacts host)
    {
        var full = Path.GetFullPath(source);
        var path = RealPath.TryResolve(source) ?? throw new StasisException($"cannot mount {full}: no such file or directory")
        {
            Remedy = $"make it first (mkdir -p {full}); a name without a slash is a named volume, which is made for you",
        };
        return new OciMount
        {
            Destination = Clean(destination),
            Type = "bind",
            Source = path,
            Options = MountOptionCompletion.ForBind(options, host.GetMountRestrictions(path)),
        };
    }

    private static (OciMount, NamedVolume?) ForNamedVolume(
        string name, string destination, string[] options, bool anonymous, Layout layout)
    {
        ObjectName.Require("volume", name);
        var complete = MountOptionCompletion.ForVolume(options);
        var mount = new OciMount { Destination = destination, Type = "bind", Source = layout.Volume(name), Options = complete };
        string[] copy = options.Contains("nocopy") ? ["nocopy"] : [];
        var volume = new NamedVolume
        {
            Name = name,
            Destination = destination,
            Options = [.. complete, .. copy],
            IsAnonymous = anonymous ? true : null,
        };
        return (mount, volume);
    }

    private static OciMount Tmpfs(string text)
    {
        var (destination, options) = text.Split(':', 2) is [var to, var with] ? (to, with.Split(',')) : (text, []);
        return new OciMount
        {
            Destination = Clean(destination),
            Type = "tmpfs",
            Source = "tmpfs",
            Options = MountOptionCompletion.ForTmpfs(options),
        };
    }
}
