using Stasis.EndToEndTests.Interop;
using Xunit;

namespace Stasis.EndToEndTests.Compatibility;

/// <summary>
/// Real programs go on from host to host. To each host, the archive is a stranger's: the restore is vetted, jailed and looked at, and
/// is allowed what the container's options stand for and nothing else. So whatever is refused besides is a false alarm.
/// </summary>
public sealed class ProgramTests(HostGroups groups) : IClassFixture<HostGroups>
{
    public static TheoryData<string, string> Programs
    {
        get
        {
            var data = new TheoryData<string, string>();
            foreach (var runtime in (string[])[.. LongForm.IsAsked ? Cell.Runtimes : ["runc"],
                HostGroups.RuncOnCgroup2, HostGroups.CrunOnCgroup2])
            {
                foreach (var program in ProgramCatalog.All.Where(program => LongForm.IsAsked || IsInShortForm(program, runtime)))
                    data.Add(program.Name, runtime);
            }
            return data;
        }
    }

    private static bool IsInShortForm(ContainerProgram program, string runtime) =>
        program.IsInShortForm && (runtime == "runc" || program.Name == ProgramCatalog.All.First(other => other.IsInShortForm).Name);

    [Theory]
    [MemberData(nameof(Programs))]
    public async Task Goes_on_from_host_to_host(string name, string runtime)
    {
        var program = ProgramCatalog.All.Single(program => program.Name == name);
        using var probe = program.Probe;
        var group = await groups.GetAsync(runtime);
        await group.RequireImageAsync(program.Image, program.Libraries);
        var folder = Directory.CreateDirectory(Path.Combine(group.Folder, name)).FullName;
        string[] allow = [.. Words(program.Allowed, folder).SelectMany(value => (string[])["--allow", value])];
        try
        {
            await group.Hosts[0].OkAsync(
            [
                "run", "-d", "--name", name, .. group.Select(Words(program.RunOptions, folder)), program.Image, .. program.Command
            ]);
            await probe.BeginAsync(new RunningProgram(group.Hosts[0], group.Client, name));
            foreach (var (from, to) in group.Hosts.Zip(group.Hosts.Skip(1)))
            {
                await probe.NoteAsync(new RunningProgram(from, group.Client, name));
                await MoveAsync(program, group, from, to, Path.Combine(group.Folder, name + ".tar"), allow);
                await probe.GoesOnAsync(new RunningProgram(to, group.Client, name));
            }
        }
        finally
        {
            foreach (var host in group.Hosts)
                await RemoveAsync(host, name);
        }
    }

    private static async Task MoveAsync(
        ContainerProgram program, HostGroup group, Side from, Side to, string archive, string[] allow)
    {
        try
        {
            await CheckpointAsync(from, ["-c", "none", "-e", archive, .. Words(program.MoveOptions), program.Name]);
            await RemoveAsync(from, program.Name);
            group.Complete(archive);
            string[] restore = ["container", "restore", "-i", archive, .. Words(program.MoveOptions), .. Words(program.RestoreOptions)];
            if (allow.Length > 0)
                Assert.EndsWith($": {string.Join(' ', allow)}", (await to.RunAsync(restore)).Error.TrimEnd(), StringComparison.Ordinal);
            await to.OkAsync([.. restore, .. allow]);
        }
        finally
        {
            File.Delete(archive);
        }
    }

    // A server on a busy machine may not have closed the connection of the last question yet.
    private static async Task CheckpointAsync(Side host, string[] arguments)
    {
        var result = await Eventually.GetAsync(
            () => host.RunAsync(["container", "checkpoint", .. arguments]),
            result => !result.Error.Contains("an established TCP connection", StringComparison.Ordinal));
        Assert.True(result.ExitCode == 0, result.Error);
    }

    // With its volumes: those of an archive are made anew.
    private static async Task RemoveAsync(Side host, string name)
    {
        await host.OkAsync("rm", "-f", "-t", "0", "--ignore", name);
        await host.OkAsync("volume", "prune", "-f");
    }

    private static string[] Words(string options, string folder = "FOLDER") =>
        options.Replace("FOLDER", folder, StringComparison.Ordinal).Split(' ', StringSplitOptions.RemoveEmptyEntries);
}
