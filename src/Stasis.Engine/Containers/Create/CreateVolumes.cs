using Stasis.Engine.Common;
using Stasis.Engine.Errors;
using Stasis.Engine.Images;
using Stasis.Engine.Model;
using Stasis.Engine.Oci;
using Stasis.Engine.Oci.Spec;
using Stasis.Engine.Storage;
using Stasis.Linux.Files;

namespace Stasis.Engine.Containers.Create;

/// <summary>What a user and the image want mounted: <c>-v</c>, <c>--tmpfs</c>, and the image's VOLUMEs.</summary>
/// <param name="Mounts">Mounts of the spec: host binds, tmpfs, and the binds of the named volumes.</param>
/// <param name="Named">The named volumes among them, anonymous ones under a random name.</param>
internal sealed record CreateVolumes(IReadOnlyList<OciMount> Mounts, IReadOnlyList<NamedVolume> Named)
{
    public static CreateVolumes Build(CreateOptions options, Image image, Layout layout, HostFacts host)
    {
        var asked = new Dictionary<string, (OciMount Mount, NamedVolume? Volume)>();
        foreach (var volume in options.Volumes)
            Add(Volume(volume, layout, host));
        foreach (var tmpfs in options.Tmpfs)
            Add((Tmpfs(tmpfs), null));
        foreach (var destination in (image.Config.Volumes ?? []).Select(Clean).Where(destination => !asked.ContainsKey(destination)))
            Add(OfVolume(ContainerNames.NewId(), destination, [], anonymous: true, layout));
        return new CreateVolumes([.. asked.Values.Select(entry => entry.Mount)], [.. asked.Values.Select(entry => entry.Volume).OfType<NamedVolume>()]);

        void Add((OciMount Mount, NamedVolume? Volume) entry)
        {
            if (!asked.TryAdd(entry.Mount.Destination, entry))
                throw new StasisException($"{entry.Mount.Destination}: duplicate mount destination");
        }
    }

    /// <summary>A path in a container: absolute, and without "." and "..".</summary>
    internal static string Clean(string destination) => destination switch
    {
        "" => throw new StasisException("container directory cannot be empty"),
        ['/', ..] => Path.GetFullPath(destination).TrimEnd('/') is { Length: > 0 } path ? path : throw new StasisException("invalid container path \"/\": a mount can't replace the root file system"),
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
        if (source is not (null or ['/' or '.', ..]))
            return OfVolume(source, Clean(destination), wanted, anonymous: false, layout);
        return source is null ? OfVolume(ContainerNames.NewId(), Clean(destination), wanted, anonymous: true, layout) : (Bind(source, destination, wanted, host), null);
    }

    private static OciMount Bind(string source, string destination, string[] options, HostFacts host)
    {
        var path = RealPath.TryResolve(source) ?? throw new StasisException($"cannot mount {Path.GetFullPath(source)}: no such file or directory")
        {
            Remedy = $"make it first (mkdir -p {Path.GetFullPath(source)}); a name without a slash is a named volume, which is made for you",
        };
        return new OciMount
        {
            Destination = Clean(destination),
            Type = "bind",
            Source = path,
            Options = CreateMountOptions.ForBind(options, host.RestrictionsOf(path)),
        };
    }

    private static (OciMount, NamedVolume?) OfVolume(string name, string destination, string[] options, bool anonymous, Layout layout)
    {
        ObjectName.Require("volume", name);
        var complete = CreateMountOptions.ForVolume(options);
        var mount = new OciMount { Destination = destination, Type = "bind", Source = layout.Volume(name), Options = complete };
        string[] copy = options.Contains("nocopy") ? ["nocopy"] : [];
        return (mount, new NamedVolume { Name = name, Destination = destination, Options = [.. complete, .. copy], IsAnonymous = anonymous ? true : null });
    }

    private static OciMount Tmpfs(string text)
    {
        var (destination, options) = text.Split(':', 2) is [var to, var with] ? (to, with.Split(',')) : (text, []);
        return new OciMount { Destination = Clean(destination), Type = "tmpfs", Source = "tmpfs", Options = CreateMountOptions.ForTmpfs(options) };
    }
}
