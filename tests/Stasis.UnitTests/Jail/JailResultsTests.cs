using System.Globalization;
using System.Text;
using Stasis.Engine.Jail;
using Stasis.Linux.Files;
using Xunit;

namespace Stasis.UnitTests.Jail;

/// <summary>What a runtime may leave in its jail, hostile things included.</summary>
public sealed class JailResultsTests : IDisposable
{
    private const string Id = "ID";
    private const string Pid = "4194999"; // above PID_MAX_LIMIT: nobody's
    private const string Own = """{"id":"ID","init_process_pid":4194999,"cgroup_paths":{"pids":"/sys/fs/cgroup/pids/stasis/x"},"config":{"Hooks":{"prestart":[]}}}""";

    private readonly TempDirectory _directory = new();

    [Fact]
    public void Logs_state_and_pid_come_out()
    {
        Leave(Plan.Log, "{\"level\":\"error\"}\n");
        Leave(Path.Combine(Plan.Bundle, "restore.log"), "Error (x)\n");
        Leave(Path.Combine(Plan.StateRoot, Id, "state.json"), Own);
        Leave(Plan.PidFile, Pid);
        Run(results =>
        {
            results.CopyLogs();
            results.CopyState();
        });
        Assert.Equal("before\n{\"level\":\"error\"}\n", File.ReadAllText(Plan.Log));
        Assert.Equal("Error (x)\n", File.ReadAllText(Path.Combine(Plan.Bundle, "restore.log")));
        Assert.Equal(Own, File.ReadAllText(Path.Combine(Plan.StateRoot, Id, "state.json")));
        Assert.Equal(Pid, File.ReadAllText(Plan.PidFile));
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
    [InlineData("""{"id":"other","init_process_pid":4194999}""", "another container")]
    [InlineData("""{"id":"ID","init_process_pid":4194999,"config":{"Hooks":{"poststop":[{"path":"/bin/sh"}]}}}""", "hooks")]
    [InlineData("""{"id":"ID","init_process_pid":4194999,"cgroup_paths":{"pids":"/sys/fs/cgroup/pids"}}""", "cgroup")]
    [InlineData("""{"id":"ID","init_process_pid":1}""", "another PID")]
    [InlineData("""{"id":"ID","init_process_pid":4194999,"Cgroup_Paths":{"pids":"/sys/fs/cgroup/pids"}}""", "another case")]
    [InlineData("""{"id":"ID","init_process_pid":4194999,"config":{"hooks":{"poststop":[{"path":"/bin/sh"}]}}}""", "another case")]
    [InlineData("[]", "no JSON object")]
    public void A_record_that_is_not_the_containers_is_refused(string state, string why)
    {
        Leave(Path.Combine(Plan.StateRoot, Id, "state.json"), state);
        Leave(Plan.PidFile, Pid);
        var error = Assert.Throws<RuntimeStateException>(() => Run(results => results.CopyState()));
        Assert.Contains(why, error.Message, StringComparison.Ordinal);
        Assert.False(File.Exists(Path.Combine(Plan.StateRoot, Id, "state.json")));
    }

    /// <summary>In the jail, cgroup2's root is the container's own cgroup.</summary>
    [Fact]
    public void A_record_of_a_host_with_cgroup2_alone_gets_the_hosts_paths()
    {
        const string Jailed = """{"id":"ID","init_process_pid":4194999,"cgroup_paths":{"":"/sys/fs/cgroup"},"config":{"cgroups":{"path":"/"}}}""";
        const string Host = """{"id":"ID","init_process_pid":4194999,"cgroup_paths":{"":"/sys/fs/cgroup/stasis/x"},"config":{"cgroups":{"path":"/stasis/x"}}}""";
        var plan = Plan with { IsUnified = true, Hierarchies = ["/sys/fs/cgroup"], Cgroups = ["/sys/fs/cgroup/stasis/x"] };
        var pid = int.Parse(Pid, CultureInfo.InvariantCulture);
        var record = RuntimeStateTranslator.TranslateToHost("state.json", Encoding.UTF8.GetBytes(Jailed), plan, pid);
        Assert.Equal(Host, Encoding.UTF8.GetString(record));
    }

    [Theory]
    [InlineData("/", true, "/stasis/x")]
    [InlineData("/stasis/x", false, "/stasis/x")]
    [InlineData("/", false, null)]
    [InlineData("/stasis", true, null)]
    public void The_cgroup_of_cruns_record_is_the_containers(string path, bool hasNamespace, string? expected)
    {
        var plan = Plan with { HasCgroupNamespace = hasNamespace };
        var status = Encoding.UTF8.GetBytes($$"""{"pid":17,"cgroup-path":"{{path}}"}""");
        if (expected is null)
            Assert.Throws<RuntimeStateException>(() => RuntimeStateTranslator.TranslateToHost("status", status, plan, 17));
        else
            Assert.Equal(
                $$"""{"pid":17,"cgroup-path":"{{expected}}"}""",
                Encoding.UTF8.GetString(RuntimeStateTranslator.TranslateToHost("status", status, plan, 17)));
    }

    /// <summary>crun runs the hooks of its copy of the spec, outside of the jail.</summary>
    [Fact]
    public void Cruns_copy_of_the_spec_is_the_hosts()
    {
        Directory.CreateDirectory(Plan.Bundle);
        File.WriteAllText(Plan.Spec, "{}");
        var spec = """{"hooks":{"poststop":[{"path":"/bin/sh"}]}}"""u8.ToArray();
        Assert.Equal("{}"u8, RuntimeStateTranslator.TranslateToHost("config.json", spec, Plan, 17));
    }

    [Theory]
    [InlineData("1")]
    [InlineData("self")]
    [InlineData("x")]
    public void A_pid_that_is_not_the_containers_is_refused(string pid)
    {
        Leave(Plan.PidFile, pid == "self" ? Environment.ProcessId.ToString(CultureInfo.InvariantCulture) : pid);
        Assert.Throws<RuntimeStateException>(() => Run(results => results.CopyState()));
        Assert.False(File.Exists(Plan.PidFile));
    }

    [Fact]
    public void Files_that_no_runtime_writes_stay_in_the_jail()
    {
        Leave(Plan.PidFile, Pid);
        Leave(Path.Combine(Plan.StateRoot, Id, "other"), "x");
        Run(results => results.CopyState());
        Assert.False(File.Exists(Path.Combine(Plan.StateRoot, Id, "other")));
    }

    public void Dispose() => _directory.Dispose();

    private JailPlan Plan => new()
    {
        Id = Id,
        Runtime = "/usr/sbin/runc",
        Programs = [],
        ProgramCopies = "/programs",
        NewRoot = At("jail"),
        Bundle = At("bundle"),
        BundleSource = At("files"),
        Images = At("images"),
        RootFs = At("merged"),
        Binds = [],
        Files = [],
        Cgroups = ["/sys/fs/cgroup/pids/stasis/x"],
        DroppedCapabilities = [],
        CgroupsPath = "/stasis/x",
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
