using System.Text.Json;
using Stasis.Engine.Model;
using Stasis.Engine.RuntimeSpec;
using Stasis.Linux.Files;
using Stasis.Linux.Mounts;

namespace Stasis.Engine.Containers.Files;

/// <summary>
/// What the host has mounted beneath the source of a recursive bind (a tmpfs at /srv/data/sub under -v /srv/data:/data). The spec doesn't
/// name it, the bind brings it along. In a checkpoint's spec it is a bind of its own, so that every engine has CRIU bind the host's again
/// and not a copy. A start needs no such bind: an annotation says which to leave out.
/// </summary>
internal static class NestedMounts
{
    private const string Annotation = "io.stasis.nested-mounts"; // their destinations, a JSON array

    private static readonly HashSet<string> Propagation =
        ["private", "rprivate", "slave", "rslave", "shared", "rshared", "unbindable", "runbindable"];

    private static readonly HashSet<string> Restrictions = ["ro", "nosuid", "nodev", "noexec"];

    /// <summary>Finds those of a running container, parents before the mounts beneath them.</summary>
    public static IReadOnlyList<NestedMount> Find(Container container)
    {
        var known = Read(container.Spec); // the runtime's, since the container was restored with them
        var mounts = Remove(container.Spec).Mounts ?? [];
        if (!mounts.Any(HasNested))
            return [];
        var process = FormattableString.Invariant($"{container.State.Pid}");
        var entries = MountEntry.Read(process);
        Dictionary<string, OciMount> places = [];
        using (var root = RootedPath.Open($"/proc/{process}/root"))
        {
            foreach (var mount in mounts)
            {
                if (root.TryFind(mount.Destination) is { IsMountRoot: true } file
                    && entries.FirstOrDefault(entry => entry.Id == file.MountId) is { } entry)
                    places[entry.Point] = mount;
            }
        }
        var host = MountEntry.Read("self").ToLookup(entry => entry.Point);
        List<NestedMount> found = [];
        foreach (var entry in entries.Where(entry => !places.ContainsKey(entry.Point)))
        {
            if (FindAbove(places, entry.Point) is not var (point, bind) || RealPath.TryResolve(bind.Source ?? "") is not { } real)
                continue;
            var source = real.TrimEnd('/') + entry.Point[point.Length..];
            if (known.FirstOrDefault(mount => mount.Destination == entry.Point) is { } kept)
                found.Add(new NestedMount(kept, bind));
            else if (host[source].LastOrDefault() is { } original && (original.Device, original.Root) == (entry.Device, entry.Root))
                found.Add(new NestedMount(CreateBind(entry, source, bind), bind));
        }
        return found;
    }

    /// <summary>Returns the spec of a checkpoint of a container that has these.</summary>
    public static OciSpec Add(OciSpec spec, IReadOnlyList<OciMount> nested)
    {
        spec = Remove(spec);
        if (nested.Count == 0)
            return spec;
        string[] destinations = [.. nested.Select(mount => mount.Destination)];
        return spec with
        {
            Mounts = [.. spec.Mounts ?? [], .. nested],
            Annotations = new Dictionary<string, string>(spec.Annotations ?? new Dictionary<string, string>())
            {
                [Annotation] = JsonSerializer.Serialize(destinations, EngineJson.Default.StringArray),
            },
        };
    }

    /// <summary>Returns the spec without them.</summary>
    public static OciSpec Remove(OciSpec spec)
    {
        if (spec.Annotations?.ContainsKey(Annotation) != true)
            return spec;
        var nested = Read(spec);
        return spec with
        {
            Mounts = spec.Mounts?.Where(mount => !nested.Contains(mount)).ToList(),
            Annotations = spec.Annotations.Where(annotation => annotation.Key != Annotation).ToDictionary(),
        };
    }

    /// <summary>Lists those that <see cref="Add"/> has added to a spec.</summary>
    public static IReadOnlyList<OciMount> Read(OciSpec spec)
    {
        if (spec.Annotations?.GetValueOrDefault(Annotation) is not { } text)
            return [];
        var named = ParseDestinations(text);
        return [.. (spec.Mounts ?? []).Where(mount => mount.Options?.Contains("bind") == true && named.Contains(mount.Destination))];
    }

    private static string?[] ParseDestinations(string text)
    {
        try
        {
            return JsonSerializer.Deserialize(text, EngineJson.Default.StringArray) ?? [];
        }
        catch (JsonException)
        {
            return []; // not of Stasis's making
        }
    }

    private static bool HasNested(OciMount mount) => mount.Options?.Contains("rbind") == true;

    // The innermost mount of the spec that a path lies beneath, if that is a recursive bind.
    private static (string Point, OciMount Bind)? FindAbove(Dictionary<string, OciMount> places, string path)
    {
        for (var slash = path.LastIndexOf('/'); slash > 0; slash = path.LastIndexOf('/', slash - 1))
        {
            if (places.TryGetValue(path[..slash], out var mount))
                return HasNested(mount) ? (path[..slash], mount) : null;
        }
        return null;
    }

    private static OciMount CreateBind(MountEntry entry, string source, OciMount above) => new()
    {
        Destination = entry.Point,
        Type = "bind",
        Source = source,
        Options = ["bind", .. (above.Options ?? []).Where(Propagation.Contains), .. entry.Options.Where(Restrictions.Contains)],
    };
}
