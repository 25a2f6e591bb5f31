using Stasis.EndToEndTests.Harness;
using Stasis.EndToEndTests.Interop;
using Stasis.Linux.Processes;
using Xunit;

namespace Stasis.EndToEndTests.Engines;

/// <summary>containerd and Docker, unmodified, in the peer, with stasis-runtime as one of their runtimes.</summary>
public sealed class EngineDaemons(InteropFixture interop) : IAsyncLifetime
{
    /// <summary>The folder of what the engines keep until the next start of the host.</summary>
    public const string State = "/run/stasis-engines";

    private const string Base = "base", PauseImage = "localhost/pause:1";

    private readonly List<string> _daemons = [];

    /// <summary>The image that containers are made of, as all engines call it.</summary>
    public static string Image => InteropFixture.ImageName(Base) + ":latest";

    /// <summary>A folder that the tests and the engines see under one path.</summary>
    public string Folder { get; } = Peer.MakeFolder();

    /// <summary>The other engines.</summary>
    public InteropFixture Interop => interop;

    /// <summary>stasis-runtime, as engines are to call it.</summary>
    public string Runtime => Path.Combine(Folder, "stasis-runtime");

    /// <summary>stasis-runtime with crun behind it.</summary>
    public string RuntimeWithCrun => Path.Combine(Folder, "stasis-runtime-crun");

    /// <summary>
    /// A program that calls stasis-runtime with the fault in <see cref="Fault"/>: engines pass no environment variables on. They have it as
    /// the runtime "faulty".
    /// </summary>
    public string FaultyRuntime => Path.Combine(Folder, "faulty");

    /// <summary>A file with the value of STASIS_FAULT for the runtime "faulty"; none if it isn't there.</summary>
    public string Fault => Path.Combine(Folder, "fault");

    /// <summary>containerd's socket.</summary>
    public string Socket => Path.Combine(Folder, "containerd.sock");

    private string[] Docker => ["docker", "--host", $"unix://{DockerSocket}"];

    private string DockerSocket => Path.Combine(Folder, "docker.sock");

    public async ValueTask InitializeAsync()
    {
        await interop.RequireImageAsync(Base);
        File.CreateSymbolicLink(Runtime, Path.Combine(interop.Exchange, "stasis"));
        WriteScript(RuntimeWithCrun, $"export STASIS_RUNTIME=crun\nexec {Runtime} \"$@\"\n");
        WriteScript(FaultyRuntime, $"STASIS_FAULT=$(cat {Fault} 2>/dev/null) exec {Runtime} \"$@\"\n");
        Write("runtime.json", $$"""{"root": "{{Folder}}/root", "runRoot": "{{State}}/stasis", "checkpoints": "{{Folder}}"}""");
        Write("containerd.toml", ContainerdSettings);
        Write("docker.json", DockerSettings);
        Write("10-bridge.conflist", Network);
        await ShellAsync(
            $"""
            mkdir -p /etc/stasis /etc/cni/net.d /opt/cni {State}
            cp {Folder}/runtime.json /etc/stasis/
            cp {Folder}/10-bridge.conflist /etc/cni/net.d/
            ln -sfn /usr/lib/cni /opt/cni/bin
            """);
        await StartAsync("containerd", $"containerd --config {Folder}/containerd.toml", Socket);
        await StartAsync("dockerd", $"dockerd --config-file {Folder}/docker.json", DockerSocket);
        await LoadImagesAsync();
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var daemon in Enumerable.Reverse(_daemons))
            await ShellAsync($"kill $(cat {Folder}/{daemon}.pid); while [ -d /proc/$(cat {Folder}/{daemon}.pid) ]; do sleep 0.05; done");
        await ShellAsync($"umount -l $(grep -o ' {Folder}/[^ ]*' /proc/self/mountinfo) 2>/dev/null; rm -rf {Folder} {State}; true");
    }

    /// <summary>Runs docker, which must succeed, and gives what it printed, trimmed.</summary>
    public Task<string> DockerAsync(params string[] arguments) => OkAsync([.. Docker, .. arguments]);

    /// <summary>Runs docker.</summary>
    public Task<ProgramResult> TryDockerAsync(params string[] arguments) => RunAsync([.. Docker, .. arguments]);

    /// <summary>Runs ctr, which must succeed, and gives what it printed, trimmed.</summary>
    public Task<string> CtrAsync(params string[] arguments) => OkAsync(["ctr", "--address", Socket, .. arguments]);

    /// <summary>Runs a script in the peer, which must succeed, and gives what it printed, trimmed.</summary>
    public static Task<string> ShellAsync(string script) => OkAsync(["sh", "-c", script]);

    /// <summary>Runs a command in the peer.</summary>
    public static Task<ProgramResult> RunAsync(string[] command) => Spawn.RunAsync(
        new SpawnOptions { Program = Peer.Run, Arguments = command }, StasisHost.TimeLimit, CancellationToken.None);

    /// <summary>What restored containers have left in the peer: records, locks, mounts, cgroups and the runtime's state.</summary>
    /// <param name="id">The container's ID.</param>
    public static Task<string> FindLeftoversAsync(string id) => ShellAsync(
        $"find {State}/stasis/restored-bundles -mindepth 2; find {State}/stasis/locks -name '*{id}*'; "
        + $"grep {State}/stasis /proc/self/mountinfo; find /sys/fs/cgroup -type d -name '*{id}*'; "
        + $"find /run -path '*{id}/state.json'; true");

    /// <summary>Reads a file of a restored container's record; empty if there is none.</summary>
    /// <param name="id">The container's ID.</param>
    /// <param name="file">The file's name.</param>
    public static Task<string> ReadRecordAsync(string id, string file) =>
        ShellAsync($"cat {State}/stasis/restored-bundles/*/{id}/{file} 2>/dev/null || true");

    /// <summary>The sockets of page servers.</summary>
    public static Task<string> FindPageServersAsync() => ShellAsync($"find {State}/stasis/pages -name control 2>/dev/null || true");

    /// <summary>Writes a script that the engines can run.</summary>
    public static void WriteScript(string path, string commands)
    {
        File.WriteAllText(path, "#!/bin/sh\n" + commands);
        File.SetUnixFileMode(path, (UnixFileMode)0x1ED); // 0755
    }

    private static async Task<string> OkAsync(string[] command)
    {
        var result = await RunAsync(command);
        Assert.True(result.ExitCode == 0, $"{string.Join(' ', command)}: exit code {result.ExitCode}\n{result.Error}{result.Output}");
        return result.Output.Trim();
    }

    // Its first process is the daemon: it is ended by its ID.
    private async Task StartAsync(string name, string command, string socket)
    {
        await ShellAsync($"setsid sh -c 'echo $$ >{Folder}/{name}.pid; exec {command}' >{Folder}/{name}.log 2>&1 </dev/null &");
        _daemons.Add(name);
        await Eventually.TrueAsync(() => File.Exists(socket), $"{name}'s socket");
    }

    private async Task LoadImagesAsync()
    {
        var (image, pause) = (Path.Combine(Folder, "image.tar"), Path.Combine(Folder, "pause.tar"));
        var podman = interop.Podman("runc");
        await podman.OkAsync("save", "-o", image, Image);
        await podman.OkAsync("run", "--name", "pause", Image, "true");
        await podman.OkAsync("commit", "--change", "CMD [\"sleep\", \"1000000\"]", "pause", PauseImage);
        await podman.OkAsync("rm", "pause");
        await podman.OkAsync("save", "-o", pause, PauseImage);
        await podman.OkAsync("rmi", PauseImage);
        await DockerAsync("load", "-i", image);
        foreach (var space in (string[])["default", "k8s.io"])
            await CtrAsync("-n", space, "images", "import", image);
        await CtrAsync("-n", "k8s.io", "images", "import", pause);
    }

    private void Write(string name, string content) => File.WriteAllText(Path.Combine(Folder, name), content);

    private string ContainerdSettings => $$"""
        version = 3
        root = '{{Folder}}/containerd'
        state = '{{State}}/containerd'
        [grpc]
          address = '{{Socket}}'
        [plugins.'io.containerd.cri.v1.images'.pinned_images]
          sandbox = '{{PauseImage}}'
        [plugins.'io.containerd.cri.v1.runtime']
          restrict_oom_score_adj = true
          disable_apparmor = true
        [plugins.'io.containerd.cri.v1.runtime'.containerd]
          default_runtime_name = 'runc'
        [plugins.'io.containerd.cri.v1.runtime'.containerd.runtimes.runc]
          runtime_type = 'io.containerd.runc.v2'
        [plugins.'io.containerd.cri.v1.runtime'.containerd.runtimes.stasis]
          runtime_type = 'io.containerd.runc.v2'
          pod_annotations = ['checkpoint.stasis.dev/*', 'dev.stasis.*']
        [plugins.'io.containerd.cri.v1.runtime'.containerd.runtimes.stasis.options]
          BinaryName = '{{Runtime}}'
        [plugins.'io.containerd.cri.v1.runtime'.containerd.runtimes.stasis-crun]
          runtime_type = 'io.containerd.runc.v2'
        [plugins.'io.containerd.cri.v1.runtime'.containerd.runtimes.stasis-crun.options]
          BinaryName = '{{RuntimeWithCrun}}'
        [plugins.'io.containerd.cri.v1.runtime'.containerd.runtimes.faulty]
          runtime_type = 'io.containerd.runc.v2'
        [plugins.'io.containerd.cri.v1.runtime'.containerd.runtimes.faulty.options]
          BinaryName = '{{FaultyRuntime}}'
        [plugins.'io.containerd.cri.v1.runtime'.cni]
          bin_dirs = ['/usr/lib/cni']
          conf_dir = '/etc/cni/net.d'
        """;

    private string DockerSettings => $$$"""
        {
          "data-root": "{{{Folder}}}/docker", "exec-root": "{{{State}}}/docker", "pidfile": "{{{State}}}/docker.pid",
          "hosts": ["unix://{{{DockerSocket}}}"], "containerd": "{{{Socket}}}", "storage-driver": "overlay2",
          "runtimes": {
            "stasis": {"path": "{{{Runtime}}}"}, "stasis-crun": {"path": "{{{RuntimeWithCrun}}}"}, "faulty": {"path": "{{{FaultyRuntime}}}"}
          }
        }
        """;

    private const string Network = """
        {"cniVersion": "1.0.0", "name": "test", "plugins": [{"type": "bridge", "bridge": "cni0", "isGateway": true,
          "ipam": {"type": "host-local", "ranges": [[{"subnet": "10.188.7.0/24"}]], "routes": [{"dst": "0.0.0.0/0"}]}}]}
        """;
}
