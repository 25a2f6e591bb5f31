using System.CommandLine;
using Stasis.Cli.Output;
using Stasis.Cli.Output.Inspect;
using Stasis.Cli.Parsing;
using Stasis.Cli.Verbs;
using Stasis.Engine.Errors;

namespace Stasis.Cli.Commands.Containers;

/// <summary>Shows a container, image, volume or network; the first kind that has something of the name.</summary>
internal sealed class InspectCommand : Verb
{
    private static readonly string[] Types = ["all", "container", "image", "volume", "network"];

    private readonly Option<string?> _format = OptionFactory.Text("--format", "-f", "FORMAT", "json, or a template such as {{.State.Pid}}");
    private readonly Option<bool> _latest = OptionFactory.Flag("--latest", "-l", "Act on the latest container Stasis created");
    private readonly Option<bool> _size = OptionFactory.Flag("--size", "-s", "Display the size of containers");
    private readonly Option<string?> _type = OptionFactory.OneOf("--type", "-t", "TYPE", "What the names are", Types);
    private readonly Argument<string[]> _names;

    public InspectCommand() : base("inspect", "Display the configuration of containers, images, volumes or networks, as JSON")
    {
        AddOptions(_format, _latest, _size, _type);
        _names = AddArgument("NAME", ArgumentArity.ZeroOrMore);
    }

    public override IReadOnlyList<(string, string)> Examples =>
    [
        ("stasis inspect --format '{{.State.Pid}}' counter", "Print the process ID of a container."),
        ("stasis inspect -f '{{range .Mounts}}{{.Source}} {{.Destination}}{{println}}{{end}}' counter",
            "Print the mounts of a container, one a line."),
    ];

    public override string? HandlesEach => "names";

    public override async Task<int> RunAsync(Invocation run)
    {
        var (names, type) = (run.Get(_names), run.Get(_type) ?? "all");
        if (run.Get(_latest) && names.Length > 0)
            throw new UsageException("--latest and arguments cannot be used together");
        if (type == "image" && (run.Get(_latest) || run.Get(_size)))
            throw new UsageException($"{(run.Get(_latest) ? "latest" : "size")} is not supported for type \"image\"");
        if (run.Get(_latest))
            (names, type) = ([run.Engine.Containers.Latest().Id], "container");
        if (names.Length == 0)
            throw new UsageException("no names or ids specified");
        var found = new InspectOutput(run.Get(_format));
        var exit = await run.ForEachAsync(names, name =>
        {
            Find(run, name, type, found);
            return Task.CompletedTask;
        });
        found.Write();
        return exit;
    }

    private void Find(Invocation run, string name, string type, InspectOutput found)
    {
        var engine = run.Engine;
        if (type is "all" or "container")
        {
            try
            {
                var container = engine.Containers.Get(name);
                var image = container.Config.RootfsImageId is { Length: > 0 } id ? engine.Images.Find(id) : null;
                var size = run.Get(_size) ? engine.Containers.GetSize(container) : null;
                found.Add(
                    ContainerInspection.FromContainer(
                        container,
                        image,
                        engine.Networks.List(),
                        engine.Layout,
                        size,
                        engine.Containers.MemoryOnDemand(container)),
                    CliJsonContext.Default.ContainerInspection);
                return;
            }
            catch (NotFoundException) when (type == "all")
            {
                // It may be an image, a volume or a network.
            }
        }
        if (type is "all" or "image" && engine.Images.Find(name) is { } known)
            found.Add(ImageInspection.FromImage(known, engine.Layout), CliJsonContext.Default.ImageInspection);
        else if (type is "all" or "volume" && engine.Volumes.Find(name) is { } volume)
            found.Add(VolumeInspection.FromVolume(volume, engine.Containers.List()), CliJsonContext.Default.VolumeInspection);
        else if (type is "all" or "network" && engine.Networks.Find(name) is { } network)
            found.Add(NetworkInspection.FromNetwork(engine, network), CliJsonContext.Default.NetworkConfig);
        else
        {
            throw new NotFoundException($"no such {(type == "all" ? "container, image, volume or network" : type)}: {name}")
            {
                Remedy = type switch
                {
                    "container" => "stasis ps --all lists containers",
                    "image" => "stasis image ls lists images",
                    "volume" => "stasis volume ls lists volumes",
                    "network" => "stasis network ls lists networks",
                    _ => "stasis ps --all, stasis images, stasis volume ls and stasis network ls list what exists",
                },
            };
        }
    }
}
