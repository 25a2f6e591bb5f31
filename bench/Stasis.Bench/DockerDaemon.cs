namespace Stasis.Bench;

/// <summary>Docker in the peer, with stasis-runtime as one of its runtimes.</summary>
internal sealed class DockerDaemon : IAsyncDisposable
{
    private const string State = "/run/stasis-bench";

    private readonly Options _options;
    private readonly string _folder;

    private DockerDaemon(Options options) => (_options, _folder) = (options, Path.Combine(options.Work, "docker"));

    /// <summary>Its command.</summary>
    public Tool Docker => Tool.Docker(_options, Socket);

    private string Socket => Path.Combine(_folder, "docker.sock");

    private string Stasis => Path.Combine(_folder, "stasis");

    /// <summary>Starts it.</summary>
    public static async Task<DockerDaemon> StartAsync(Options options)
    {
        var daemon = new DockerDaemon(options);
        Directory.CreateDirectory(daemon._folder);
        File.Copy(options.StasisBinary, daemon.Stasis);
        File.CreateSymbolicLink(Path.Combine(daemon._folder, "stasis-runtime"), "stasis");
        daemon.Write("runtime.json", $$"""{"root": "{{daemon._folder}}/root", "runRoot": "{{State}}/stasis"}""");
        daemon.Write("containerd.toml", $"""
            version = 3
            root = '{daemon._folder}/containerd'
            state = '{State}/containerd'
            disabled_plugins = ['io.containerd.grpc.v1.cri']
            [grpc]
              address = '{daemon._folder}/containerd.sock'
            """);
        daemon.Write("docker.json", $$$"""
            {
              "data-root": "{{{daemon._folder}}}/docker", "exec-root": "{{{State}}}/docker", "pidfile": "{{{State}}}/docker.pid",
              "hosts": ["unix://{{{daemon.Socket}}}"], "containerd": "{{{daemon._folder}}}/containerd.sock",
              "storage-driver": "overlay2", "iptables": false, "bridge": "none",
              "runtimes": {"stasis": {"path": "{{{daemon._folder}}}/stasis-runtime"}}
            }
            """);
        await daemon.ShellAsync($"mkdir -p /etc/stasis {State}; cp {daemon._folder}/runtime.json /etc/stasis/");
        await daemon.StartAsync("containerd", $"containerd --config {daemon._folder}/containerd.toml", "containerd.sock");
        await daemon.StartAsync("dockerd", $"dockerd --config-file {daemon._folder}/docker.json", "docker.sock");
        return daemon;
    }

    /// <summary>Has the runtime's store read an archive.</summary>
    /// <param name="archive">The archive.</param>
    /// <param name="tag">What it is called there.</param>
    public Task ImportAsync(string archive, string tag) => RunAsync(
        Stasis, "--root", Path.Combine(_folder, "root"), "--runroot", State + "/stasis", "checkpoint", "import", archive, tag);

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
        await ShellAsync($"rm -rf {_folder} {State} /etc/stasis");
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
