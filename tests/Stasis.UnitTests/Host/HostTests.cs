using Stasis.Engine;
using Stasis.Engine.Host;
using Xunit;

namespace Stasis.UnitTests.Host;

public sealed class HostTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("stasis-host-").FullName;

    public void Dispose() => Stasis.Linux.Files.FileTree.Remove(_folder);

    [Theory]
    [InlineData("ID=debian\nPRETTY_NAME=\"Debian 13\"", "Debian 13", "apt-get install iproute2")]
    [InlineData("ID=linuxmint\nID_LIKE=\"ubuntu debian\"\n", "unknown", "apt-get install iproute2")]
    [InlineData("ID=fedora\nPRETTY_NAME='Fedora 42'", "Fedora 42", "dnf install ip")]
    [InlineData("ID=plan9", "unknown", "install ip (in Debian the package iproute2)")]
    public void A_remedy_is_in_the_distributions_words(string osRelease, string name, string remedy)
    {
        var distribution = Distribution.Read(Write("os-release", osRelease));
        Assert.Equal(name, distribution.Name);
        Assert.Equal(remedy, distribution.HowToInstall("ip", "iproute2"));
    }

    [Theory]
    [InlineData("cgroup /sys/fs/cgroup/x cgroup rw,cpu,memory,pids,freezer 0 0", "", "v1", true, false)]
    [InlineData(
        "cgroup /x cgroup rw,cpu,memory,pids,freezer 0 0\ncgroup2 /u cgroup2 rw 0 0",
        "",
        "v1 with v2 beside it (hybrid)",
        true,
        false)]
    [InlineData("cgroup /x cgroup rw,cpu,memory,pids 0 0", "", "v1", false, true)]
    [InlineData("cgroup2 /sys/fs/cgroup cgroup2 rw 0 0", "cpuset cpu io memory pids\n", "v2", true, false)]
    [InlineData("cgroup2 /sys/fs/cgroup cgroup2 rw 0 0", "\n", "v2", false, false)]
    [InlineData(
        "cgroup /x cgroup rw,cpu,memory,pids,freezer 0 0\ncgroup2 /root/bundle/.criu.cgyard.x/unified cgroup2 rw 0 0",
        "",
        "v1",
        true,
        false)]
    [InlineData("proc /proc proc rw 0 0", "", "none", false, true)]
    public void Cgroups_are_told_apart(string mounts, string controllers, string mode, bool sufficient, bool required)
    {
        var finding = HostFeatureProbe.Cgroups("runc", Write("mounts", mounts), Write("controllers", controllers));
        Assert.Equal((mode, sufficient, required), (finding.Detail, finding.Sufficient, finding.Required));
        Assert.Equal(sufficient, finding.Remedy is null);
    }

    [Theory]
    [InlineData("runc", true)]
    [InlineData("crun", false)]
    [InlineData("/usr/bin/crun", false)]
    public void Why_crun_can_not_run_beside_cgroup2_is_said(string runtime, bool sufficient)
    {
        var mounts = Write("mounts", "cgroup /x cgroup rw,cpu,memory,pids,freezer 0 0\ncgroup2 /u cgroup2 rw 0 0");
        var finding = HostFeatureProbe.Cgroups(runtime, mounts, Write("controllers", ""));
        Assert.Equal((sufficient, !sufficient), (finding.Sufficient, finding.Required));
        Assert.Equal(!sufficient, finding.Problem?.StartsWith("crun can't", StringComparison.Ordinal) ?? false);
        Assert.True(HostFeatureProbe.Cgroups(runtime, Write("mounts2", "cgroup2 /sys/fs/cgroup cgroup2 rw 0 0"),
            Write("controllers2", "cpu memory pids")).Sufficient);
    }

    [Theory]
    [InlineData("echo Version: 4.2.1", "4.2.1", null)]
    [InlineData("echo 'tool version v3.18 (x)'", "3.18", "version 4.0 or newer is needed: because")]
    [InlineData("echo no number here", null, "version 4.0 or newer is needed: because")]
    public async Task A_version_is_compared(string script, string? version, string? problem)
    {
        var finding = await FindAsync(Program("tool", script));
        Assert.Equal((version, problem, problem is null), (finding.Version, finding.Problem, finding.Sufficient));
    }

    [Fact]
    public async Task Missing_dependency_is_reported_with_its_loss_and_remedy()
    {
        var finding = await FindAsync(Path.Combine(_folder, "nothing"));
        Assert.False(finding.Sufficient);
        Assert.Equal(("it is not there", "everything", "dnf install tool"), (finding.Problem, finding.Lost, finding.Remedy));
    }

    [Fact]
    public async Task File_that_is_no_program_is_a_problem_and_no_exception()
    {
        var finding = await FindAsync(Write("tool", "\0\0\0", UnixFileMode.UserRead | UnixFileMode.UserExecute));
        Assert.StartsWith("it does not run: ", finding.Problem, StringComparison.Ordinal);
    }

    [Fact]
    public void Required_dependencies_decide()
    {
        var good = new HostFinding { Name = "x", Sufficient = true, Required = true };
        var report = new HostReport
        {
            Kernel = "",
            Distribution = "",
            Architecture = "",
            Parts = [good],
            Features = [good with { Sufficient = false, Required = false }]
        };
        Assert.True(report.CanCheckpoint);
        Assert.False((report with { Parts = [good with { Sufficient = false }] }).CanCheckpoint);
        Assert.False((report with { Proof = new CriuSelfTestResult(false, 0, 0, "x") }).CanCheckpoint);
        Assert.True((report with { Proof = new CriuSelfTestResult(true, 1, 1, null) }).CanCheckpoint);
    }

    [Theory]
    [InlineData("/no/such/runtime", "name an OCI runtime that is there")]
    [InlineData("nope", "name an OCI runtime that is there")]
    [InlineData("runc", "dnf install runc")]
    public async Task A_runtime_that_is_not_there_is_named_or_installed(string runtime, string remedy)
    {
        var finding = await Dependency.All(new EngineOptions { Runtime = runtime })[0].FindAsync("/no/such/folder",
            new Distribution("", "dnf install", false), TestContext.Current.CancellationToken);
        Assert.Equal("it is not there", finding.Problem);
        Assert.StartsWith(remedy, finding.Remedy, StringComparison.Ordinal);
    }

    [Fact]
    public void A_crun_without_CRIU_does_not_suffice()
    {
        var part = Dependency.All(new EngineOptions { Runtime = "crun" })[0];
        Assert.NotNull(part.Check("crun version 1.8.1\n+SYSTEMD +SECCOMP +YAJL"));
        Assert.Null(part.Check("crun version 1.14\n+SYSTEMD +CRIU +YAJL"));
        Assert.Null(part.Check("runc version 1.1.5"));
    }

    private Task<HostFinding> FindAsync(string path)
    {
        var part = new Dependency { Name = "tool", Places = [path], Consequence = "everything", Least = (new Version(4, 0), "because") };
        return part.FindAsync("/usr/bin:/bin", new Distribution("", "dnf install", false), TestContext.Current.CancellationToken);
    }

    private string Program(string name, string script) =>
        Write(name, $"#!/bin/sh\n{script}\n", UnixFileMode.UserRead | UnixFileMode.UserExecute);

    private string Write(string name, string content, UnixFileMode mode = UnixFileMode.UserRead)
    {
        var path = Path.Combine(_folder, name);
        using var stream = new FileStream(path,
            new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write, UnixCreateMode = mode });
        stream.Write(System.Text.Encoding.UTF8.GetBytes(content));
        return path;
    }
}
