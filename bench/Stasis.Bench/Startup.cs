namespace Stasis.Bench;

/// <summary>What a command costs before it does anything.</summary>
internal sealed class Startup : Scenario
{
    public override string Name => "startup";

    protected override Task PrepareAsync(Options options, Tool tool) => Task.CompletedTask;

    protected override async Task RunAsync(Options options, Tool tool, Action<string, Command> record)
    {
        record("`--version`", await tool.RunAsync("--version"));
        record("`version`", await tool.RunAsync("version"));
    }
}
