using Stasis.Engine.Storage;

namespace Stasis.Cli.Output.Inspect;

/// <summary>Paths of layers (Podman: DriverData).</summary>
internal sealed record DriverPart(string Name, IReadOnlyDictionary<string, string> Data)
{
    /// <summary>Paths of an image.</summary>
    /// <param name="layers">The layers, lowest first.</param>
    /// <param name="layout">Paths of Stasis on disk.</param>
    public static DriverPart FromLayers(IReadOnlyList<string> layers, Layout layout)
    {
        var data = new Dictionary<string, string>();
        if (layers.Count > 0)
            data["UpperDir"] = layout.Layer(layers[^1]);
        if (layers.Count > 1)
            data["LowerDir"] = Join(layers.SkipLast(1), layout);
        return new DriverPart("overlay", data);
    }

    /// <summary>Paths of a container.</summary>
    public static DriverPart FromContainer(IReadOnlyList<string> layers, Layout layout, ContainerLayout paths) => new(
        "overlay",
        new Dictionary<string, string>
        {
            ["LowerDir"] = Join(layers, layout),
            ["MergedDir"] = paths.Merged,
            ["UpperDir"] = paths.Upper,
            ["WorkDir"] = paths.Work,
        });

    private static string Join(IEnumerable<string> layers, Layout layout) => string.Join(':', layers.Reverse().Select(layout.Layer));
}
