using System.Globalization;
using System.Text.RegularExpressions;

namespace Stasis.EndToEndTests.Engines;

/// <summary>
/// containerd by its own command, ctr, with a network namespace in which there is nothing or, with --cni, a bridge's address.
/// </summary>
internal sealed partial class CtrEngine(EngineDaemons daemons, string name, bool hasNetwork) : RestoringEngine(daemons, name)
{
    /// <summary>The runtime that restores.</summary>
    public string Runtime { get; init; } = daemons.Runtime;

    private string Log => Path.Combine(Daemons.Folder, Name + ".log");

    // ctr gives none.
    public override string? ExpectedHostname => null;

    public override bool HasAddress => hasNetwork;

    public override async Task<string> RestoreAsync(string archive)
    {
        await Daemons.CtrAsync(
        [
            "run", "--detach", .. hasNetwork ? (string[])["--cni"] : [], "--log-uri", $"file://{Log}", "--runc-binary", Runtime,
            "--mount", $"type=bind,src={archive},dst=/.stasis,options=rbind:ro", EngineDaemons.Image, Name, "sh",
        ]);
        return Name;
    }

    public override Task StartAsync(params string[] command) =>
        Daemons.CtrAsync(["run", "--detach", "--log-uri", $"file://{Log}", EngineDaemons.Image, Name, .. command]);

    public override Task<string> LogsAsync() => File.Exists(Log) ? File.ReadAllTextAsync(Log) : Task.FromResult("");

    public override Task<string> ShellAsync(string script) =>
        Daemons.CtrAsync("task", "exec", "--exec-id", $"e{Guid.NewGuid():N}"[..12], Name, "sh", "-c", script);

    public override async Task PauseAsync()
    {
        await Daemons.CtrAsync("task", "pause", Name);
        await Daemons.CtrAsync("task", "resume", Name);
    }

    public override async Task<int> StopAsync()
    {
        await Daemons.CtrAsync("task", "kill", "--signal", "SIGTERM", Name);
        await Eventually.GetAsync(() => Daemons.CtrAsync("task", "ls"), tasks => Stopped().IsMatch(tasks) && tasks.Contains(Name));
        var removed = await EngineDaemons.RunAsync(["ctr", "--address", Daemons.Socket, "task", "rm", Name]);
        return int.Parse(ExitCode().Match(removed.Error).Groups[1].Value, CultureInfo.InvariantCulture);
    }

    public override Task RemoveAsync() => EngineDaemons.ShellAsync(
        $"c='ctr --address {Daemons.Socket}'; $c task rm -f {Name} 2>/dev/null; $c container rm {Name} 2>/dev/null; true");

    [GeneratedRegex("exit with non-zero exit code ([0-9]+)")]
    private static partial Regex ExitCode();

    [GeneratedRegex("STOPPED")]
    private static partial Regex Stopped();
}
