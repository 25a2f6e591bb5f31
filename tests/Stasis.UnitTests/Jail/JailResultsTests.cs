using Stasis.Engine.Jail;
using Stasis.Linux.Files;
using Xunit;

namespace Stasis.UnitTests.Jail;

/// <summary>What a runtime may leave in its jail, hostile things included.</summary>
public sealed class JailResultsTests : IDisposable
{
    private const string Id = "ID";
    private const string Own = """{"id":"ID","cgroup_paths":{"pids":"/sys/fs/cgroup/pids/stasis/x"},"config":{"Hooks":{"prestart":[]}}}""";

    private readonly TempDirectory _directory = new();

    [Fact]
    public void Logs_state_and_pid_come_out()
    {
        Leave(Plan.Log, "{\"level\":\"error\"}\n");
        Leave(Path.Combine(Plan.Bundle, "restore.log"), "Error (x)\n");
        Leave(Path.Combine(Plan.StateRoot, Id, "state.json"), Own);
        Leave(Plan.PidFile, "17");
        Run(results =>
        {
            results.CopyLogs();
            results.CopyState();
        });
        Assert.Equal("before\n{\"level\":\"error\"}\n", File.ReadAllText(Plan.Log));
        Assert.Equal("Error (x)\n", File.ReadAllText(Path.Combine(Plan.Bundle, "restore.log")));
        Assert.Equal(Own, File.ReadAllText(Path.Combine(Plan.StateRoot, Id, "state.json")));
        Assert.Equal("17", File.ReadAllText(Plan.PidFile));
    }

    [Fact]
    public void A_link_or_a_fifo_in_place_of_a_file_is_not_read()
    {
        Leave(Path.Combine(Plan.Bundle, "x"), "");
        File.CreateSymbolicLink(Inside(Path.Combine(Plan.Bundle, "restore.log")), "/etc/passwd");
        Fifo.Replace(Inside(Path.Combine(Plan.Bundle, "stats-restore")));
        Run(results => results.CopyLogs());
        Assert.False(File.Exists(Path.Combine(Plan.Bundle, "restore.log")));
        Assert.False(File.Exists(Path.Combine(Plan.Bundle, "stats-restore")));
    }

    [Theory]
    [InlineData("""{"id":"other"}""", "another container")]
    [InlineData("""{"id":"ID","config":{"Hooks":{"poststop":[{"path":"/bin/sh"}]}}}""", "hooks")]
    [InlineData("""{"id":"ID","cgroup_paths":{"pids":"/sys/fs/cgroup/pids"}}""", "cgroup")]
    [InlineData("[]", "no JSON object")]
    public void A_record_that_is_not_the_containers_is_refused(string state, string why)
    {
        Leave(Path.Combine(Plan.StateRoot, Id, "state.json"), state);
        var error = Assert.Throws<JailException>(() => Run(results => results.CopyState()));
        Assert.Contains(why, error.Message, StringComparison.Ordinal);
        Assert.False(File.Exists(Path.Combine(Plan.StateRoot, Id, "state.json")));
    }

    public void Dispose() => _directory.Dispose();

    private JailPlan Plan => new()
    {
        Id = Id,
        Runtime = "/usr/sbin/runc",
        Programs = [],
        ProgramCopies = "/programs",
        Staging = At("jail"),
        Bundle = At("bundle"),
        BundleFiles = At("files"),
        Images = At("images"),
        RootFs = At("merged"),
        Binds = [],
        Files = [],
        Cgroups = ["/sys/fs/cgroup/pids/stasis/x"],
        DroppedCapabilities = [],
        Hierarchies = ["/sys/fs/cgroup/pids"],
        StateRoot = At("state"),
        Log = At("runtime.log"),
        PidFile = At("pidfile"),
        Findings = At("findings.json"),
    };

    private void Run(Action<JailResults> action)
    {
        Directory.CreateDirectory(Plan.Bundle);
        File.WriteAllText(Plan.Log, "before\n");
        using var root = DirectoryHandle.Open(Inside("/"));
        action(new JailResults(Plan, root));
    }

    private void Leave(string path, string content)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(Inside(path))!);
        File.WriteAllText(Inside(path), content);
    }

    private string At(string name) => Path.Combine(_directory.Path, name);

    private string Inside(string path) => At("root") + path;
}
