namespace Stasis.Bench;

/// <summary>Docker and containerd in the peer, with stasis-runtime as one of their runtimes.</summary>
internal sealed class EngineDaemons : IAsyncDisposable
{
    private const string State = "/run/stasis-bench", Network = "/etc/cni/net.d/stasis-bench.conflist";

    private readonly Options _options;
    private readonly string _folder;

    private EngineDaemons(Options options) => (_options, _folder) = (options, Path.Combine(options.Work, "docker"));

    /// <summary>containerd's socket.</summary>
    public string Containerd => Path.Combine(_folder, "containerd.sock");

    /// <summary>Docker's command.</summary>
    public Tool Docker => Tool.Docker(_options, Socket);

    private string Socket => Path.Combine(_folder, "docker.sock");

    private string Stasis => Path.Combine(_folder, "stasis");

    /// <summary>Starts them.</summary>
    public static async Task<EngineDaemons> StartAsync(Options options)
    {
        var daemon = new EngineDaemons(options);
        Directory.CreateDirectory(daemon._folder);
        File.Copy(options.StasisBinary, daemon.Stasis);
        File.CreateSymbolicLink(Path.Combine(daemon._folder, "stasis-runtime"), "stasis");
        daemon.Write("runtime.json", $$"""{"root": "{{daemon._folder}}/root", "runRoot": "{{State}}/stasis"}""");
        daemon.Write("containerd.toml", $"""
            version = 3
            root = '{daemon._folder}/containerd'
            state = '{State}/containerd'
            [grpc]
              address = '{daemon.Containerd}'
            [plugins.'io.containerd.cri.v1.images'.pinned_images]
              sandbox = '{CriPod.PauseImage}'
            [plugins.'io.containerd.cri.v1.runtime']
              restrict_oom_score_adj = true
              disable_apparmor = true
            [plugins.'io.containerd.cri.v1.runtime'.containerd.runtimes.stasis]
              runtime_type = 'io.containerd.runc.v2'
              pod_annotations = ['checkpoint.stasis.dev/*']
            [plugins.'io.containerd.cri.v1.runtime'.containerd.runtimes.stasis.options]
              BinaryName = '{daemon._folder}/stasis-runtime'
            [plugins.'io.containerd.cri.v1.runtime'.cni]
              bin_dirs = ['/usr/lib/cni']
              conf_dir = '/etc/cni/net.d'
            """);
        daemon.Write("network.conflist", """
            {"cniVersion": "1.0.0", "name": "bench", "plugins": [{"type": "bridge", "bridge": "cni0", "isGateway": true,
              "ipam": {"type": "host-local", "ranges": [[{"subnet": "10.188.7.0/24"}]]}}]}
            """);
        daemon.Write("docker.json", $$$"""
            {
              "data-root": "{{{daemon._folder}}}/docker", "exec-root": "{{{State}}}/docker", "pidfile": "{{{State}}}/docker.pid",
              "hosts": ["unix://{{{daemon.Socket}}}"], "containerd": "{{{daemon.Containerd}}}",
              "storage-driver": "overlay2", "iptables": false, "bridge": "none",
              "runtimes": {"stasis": {"path": "{{{daemon._folder}}}/stasis-runtime"}}
            }
            """);
        await daemon.ShellAsync($"mkdir -p /etc/stasis $(dirname {Network}) {State}");
        await daemon.ShellAsync($"cp {daemon._folder}/runtime.json /etc/stasis/; cp {daemon._folder}/network.conflist {Network}");
        await daemon.StartAsync("containerd", $"containerd --config {daemon._folder}/containerd.toml", "containerd.sock");
        await daemon.StartAsync("dockerd", $"dockerd --config-file {daemon._folder}/docker.json", "docker.sock");
        return daemon;
    }

    /// <summary>Has the runtime's store read an archive.</summary>
    /// <param name="archive">The archive.</param>
    /// <param name="tag">What it is called there.</param>
    public Task ImportAsync(string archive, string tag) => RunAsync(
        Stasis, "--root", Path.Combine(_folder, "root"), "--runroot", State + "/stasis", "checkpoint", "import", archive, tag);

    /// <summary>Gives containerd's CRI an image of Podman's, and the one that pods begin with.</summary>
    public async Task LoadForPodsAsync(Tool podman, string image)
    {
        var (saved, pause) = (Path.Combine(_folder, "image.tar"), Path.Combine(_folder, "pause.tar"));
        await podman.RunAsync("save", "-o", saved, image);
        await podman.RunAsync("run", "--network", "none", "--name", "bench-pause", image, "true");
        await podman.RunAsync("commit", "--change", "CMD [\"sleep\", \"1000000\"]", "bench-pause", CriPod.PauseImage);
        await podman.RunAsync("rm", "bench-pause");
        await podman.RunAsync("save", "-o", pause, CriPod.PauseImage);
        await podman.RunAsync("rmi", CriPod.PauseImage);
        foreach (var archive in (string[])[saved, pause])
            await RunAsync("ctr", "--address", Containerd, "-n", "k8s.io", "images", "import", archive);
    }

    /// <summary>Has the runtime's import policy allow a repository on a registry.</summary>
    public Task AllowAsync(string repository) =>
        ShellAsync($$"""echo '{"registries": ["{{repository}}"]}' >/etc/stasis/import-policy.json""");

    /// <summary>Has the runtime's store forget what it has read.</summary>
    public async Task ForgetCheckpointsAsync()
    {
        string[] stasis = [Stasis, "--root", Path.Combine(_folder, "root"), "--runroot", State + "/stasis"];
        // One whose memory is still being fetched stays until that is done.
        while ((await RunAsync([.. stasis, "checkpoint", "ls", "--quiet"])).Output.Trim().Length > 0)
        {
            await RunAsync([.. stasis, "checkpoint", "prune", "--force"]);
            await Task.Delay(20);
        }
    }

    /// <summary>Ends it, and removes all that it had.</summary>
    public async ValueTask DisposeAsync()
    {
        foreach (var name in (string[])["dockerd", "containerd"])
            await ShellAsync($"kill $(cat {_folder}/{name}.pid); while [ -d /proc/$(cat {_folder}/{name}.pid) ]; do sleep 0.05; done");
        await ShellAsync($"umount -l $(grep -o ' {_folder}/[^ ]*' /proc/self/mountinfo) 2>/dev/null; true");
        await ShellAsync($"rm -rf {_folder} {State} /etc/stasis {Network}");
    }

    private async Task StartAsync(string name, string command, string socket)
    {
        await ShellAsync($"setsid sh -c 'echo $$ >{_folder}/{name}.pid; exec {command}' >{_folder}/{name}.log 2>&1 </dev/null &");
        while (!File.Exists(Path.Combine(_folder, socket)))
            await Task.Delay(20);
    }

    private Task<Command> ShellAsync(string script) => RunAsync("sh", "-c", script);

    private Task<Command> RunAsync(params string[] command) => Command.RunAsync([_options.PeerRun, .. command]);

    private void Write(string name, string content) => File.WriteAllText(Path.Combine(_folder, name), content);
}
