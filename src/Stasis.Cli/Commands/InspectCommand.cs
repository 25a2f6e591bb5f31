using System.CommandLine;
using System.Text.Json;
using Stasis.Cli.Output;
using Stasis.Engine;

namespace Stasis.Cli.Commands;

internal sealed class InspectCommand : Verb
{
    private readonly Option<string?> _format = Opt.Text("--format", "-f", "FORMAT", "json, or a template such as {{.State.Pid}}");
    private readonly Option<bool> _latest = Opt.Flag("--latest", "-l", "The container that was created last");
    private readonly Option<string?> _type = Opt.OneOf("--type", "-t", "TYPE", "What the names are names of", ["all", "container", "image", "volume"]);
    private readonly Argument<string[]> _names;

    public InspectCommand() : base("inspect", "Show all that is known of containers, images or volumes, as JSON")
    {
        Take(_format, _latest, _type);
        _names = Takes("NAME", ArgumentArity.ZeroOrMore);
    }

    public override IReadOnlyList<(string, string)> Examples => [("stasis inspect --format '{{.State.Pid}}' counter", "Print the process ID of a container.")];

    public override async Task<int> RunAsync(Invocation run)
    {
        string[] names = run.Get(_latest) ? [run.Engine.Containers.Latest().Id] : run.Get(_names);
        if (names.Length == 0)
            throw new UsageException("you must provide at least one name or id");
        var found = new List<JsonElement>();
        var exit = await run.ForEachAsync(names, name =>
        {
            found.Add(Find(run, name, run.Get(_type) ?? "all"));
            return Task.CompletedTask;
        });
        Json.WriteInspections(found, run.Get(_format));
        return exit;
    }

    private static JsonElement Find(Invocation run, string name, string type)
    {
        var engine = run.Engine;
        if (type is "all" or "container")
        {
            try
            {
                return JsonSerializer.SerializeToElement(ContainerInspection.Of(engine.Containers.Get(name), engine.Layout), CliJson.Default.ContainerInspection);
            }
            catch (NotFoundException) when (type == "all")
            {
                // Then it may be an image or a volume.
            }
        }
        if (type is "all" or "image" && engine.Images.Find(name) is { } image)
            return JsonSerializer.SerializeToElement(ImageInspection.Of(image), CliJson.Default.ImageInspection);
        if (type is "all" or "volume" && engine.Volumes.Find(name) is { } volume)
            return JsonSerializer.SerializeToElement(VolumeInspection.Of(volume, engine.Containers.List()), CliJson.Default.VolumeInspection);
        throw new NotFoundException($"no such {(type == "all" ? "container, image or volume" : type)}: {name}")
        {
            Remedy = $"{(type == "all" ? "stasis ps --all, stasis images and stasis volume ls list" : type == "container" ? "stasis ps --all lists" : $"stasis {type} ls lists")} what is there",
        };
    }
}
