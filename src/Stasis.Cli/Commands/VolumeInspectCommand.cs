using System.CommandLine;
using System.Text.Json;
using Stasis.Cli.Output;
using Stasis.Engine;

namespace Stasis.Cli.Commands;

internal sealed class VolumeInspectCommand : Verb
{
    private readonly Option<string?> _format = Opt.Text("--format", "-f", "FORMAT", "json, or a template such as {{.Mountpoint}}");
    private readonly Argument<string[]> _names;

    public VolumeInspectCommand() : base("inspect", "Show what is known of named volumes, as JSON")
    {
        Take(_format);
        _names = Takes("VOLUME", ArgumentArity.OneOrMore);
    }

    public static VolumeInspection Inspect(Invocation run, string name) => run.Engine.Volumes.Exists(name)
        ? new VolumeInspection(name, "local", run.Engine.Layout.Volume(name))
        : throw new NotFoundException($"inspecting volume {name}: there is none of that name");

    public override async Task<int> RunAsync(Invocation run)
    {
        var found = new List<JsonElement>();
        var exit = await run.ForEachAsync(run.Get(_names), name =>
        {
            found.Add(JsonSerializer.SerializeToElement(Inspect(run, name), CliJson.Default.VolumeInspection));
            return Task.CompletedTask;
        });
        Json.WriteInspections(found, run.Get(_format));
        return exit;
    }
}
