using System.Net.Sockets;
using Grpc.Net.Client;
using Stasis.EndToEndTests.Engines.Cri;
using Xunit;

namespace Stasis.EndToEndTests.Engines;

/// <summary>containerd by the interface that Kubernetes uses: a container in a pod, whose namespaces it joins.</summary>
internal sealed class CriEngine(EngineDaemons daemons, string name) : RestoringEngine(daemons, name), IDisposable
{
    private readonly GrpcChannel _channel = GrpcChannel.ForAddress("http://localhost", new GrpcChannelOptions
    {
        HttpHandler = new SocketsHttpHandler
        {
            ConnectCallback = async (_, cancellation) =>
            {
                var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
                await socket.ConnectAsync(new UnixDomainSocketEndPoint(daemons.Socket), cancellation);
                return new NetworkStream(socket, ownsSocket: true);
            },
        },
    });

    private string? _pod, _container;

    /// <summary>The container's image.</summary>
    public string Image { get; init; } = EngineDaemons.Image;

    /// <summary>What containers may do.</summary>
    public LinuxContainerSecurityContext Security { get; init; } = new()
    {
        NamespaceOptions = new NamespaceOption { Pid = NamespaceMode.Container },
        Seccomp = new SecurityProfile { ProfileType = SecurityProfile.Types.ProfileType.RuntimeDefault },
    };

    /// <summary>Further mounts.</summary>
    public IReadOnlyList<Mount> Mounts { get; init; } = [];

    /// <summary>The runtime that containers are restored with, by its name in containerd's settings.</summary>
    public string Runtime { get; init; } = "stasis";

    /// <summary>Annotations of the pod.</summary>
    public IReadOnlyDictionary<string, string> PodAnnotations { get; init; } = new Dictionary<string, string>();

    public string Container => _container ?? throw new InvalidOperationException("there is no container");

    private RuntimeService.RuntimeServiceClient Client => new(_channel);

    // As a kubelet names them.
    private string LogFolder => Path.Combine(Daemons.Folder, Name);

    private string LogFile => Path.Combine(LogFolder, Name, "0.log");

    public void Dispose() => _channel.Dispose();

    public override Task<string> RestoreAsync(string archive) =>
        RestoreAsync(new Mount { ContainerPath = "/.stasis", HostPath = archive, Readonly = true });

    /// <summary>Runs the container, with the mount that the checkpoint comes by.</summary>
    public Task<string> RestoreAsync(Mount checkpoint) => RunAsync(Runtime, [checkpoint], "sh");

    /// <summary>Runs the container, whose checkpoint an annotation names.</summary>
    public Task<string> RestoreAnnotatedAsync() => RunAsync(Runtime, [], "sh");

    /// <summary>Runs a command in a pod of its own, without a checkpoint.</summary>
    public Task<string> RunAsync(params string[] command) => RunAsync("runc", [], command);

    public override Task StartAsync(params string[] command) => RunAsync(command);

    /// <summary>Makes a checkpoint as a kubelet does.</summary>
    public async Task CheckpointAsync(string archive) =>
        await Client.CheckpointContainerAsync(new CheckpointContainerRequest { ContainerId = Container, Location = archive });

    public override async Task<string> LogsAsync()
    {
        // TIME STREAM TAG TEXT
        var lines = File.Exists(LogFile) ? await File.ReadAllLinesAsync(LogFile) : [];
        return string.Join('\n', lines.Select(line => line.Split(' ', 4)[^1]));
    }

    public override async Task<string> ShellAsync(string script)
    {
        var result = await Client.ExecSyncAsync(
            new ExecSyncRequest { ContainerId = Container, Cmd = { "sh", "-c", script }, Timeout = 60 });
        Assert.True(result.ExitCode == 0, result.Stderr.ToStringUtf8());
        return result.Stdout.ToStringUtf8().Trim();
    }

    /// <summary>Waits for the end of the container, and gives its exit code.</summary>
    public async Task<int> WaitAsync()
    {
        var ended = await Eventually.GetAsync(
            async () => (await Client.ContainerStatusAsync(new ContainerStatusRequest { ContainerId = Container })).Status,
            status => status.State == ContainerState.ContainerExited);
        return ended.ExitCode;
    }

    public override Task PauseAsync() => Task.CompletedTask; // the interface has no such verb

    public override async Task<int> StopAsync()
    {
        await Client.StopContainerAsync(new StopContainerRequest { ContainerId = Container, Timeout = 60 });
        var status = await Client.ContainerStatusAsync(new ContainerStatusRequest { ContainerId = Container });
        return status.Status.ExitCode;
    }

    /// <summary>Removes the container alone: another can be run in the pod.</summary>
    public async Task RemoveContainerAsync()
    {
        if (_container is { } container)
            await Client.RemoveContainerAsync(new ContainerRequest { ContainerId = container });
        _container = null;
    }

    public override async Task RemoveAsync()
    {
        await RemoveContainerAsync();
        await RemovePodAsync();
    }

    /// <summary>Stops and removes the pod, whatever its container does.</summary>
    public async Task RemovePodAsync()
    {
        if (_pod is not { } pod)
            return;
        await Client.StopPodSandboxAsync(new PodSandboxRequest { PodSandboxId = pod });
        await Client.RemovePodSandboxAsync(new PodSandboxRequest { PodSandboxId = pod });
        (_pod, _container) = (null, null);
    }

    private async Task<string> RunAsync(string handler, IEnumerable<Mount> mounts, params string[] command)
    {
        var pod = Describe();
        Directory.CreateDirectory(Path.GetDirectoryName(LogFile)!);
        File.Delete(LogFile);
        _pod ??= (await Client.RunPodSandboxAsync(new RunPodSandboxRequest { Config = pod, RuntimeHandler = handler })).PodSandboxId;
        var config = new ContainerConfig
        {
            Metadata = new ContainerMetadata { Name = Name },
            Image = new ImageSpec { Image = Image },
            Command = { command },
            LogPath = Path.GetRelativePath(LogFolder, LogFile),
            Linux = new LinuxContainerConfig { SecurityContext = Security, Resources = new LinuxContainerResources() },
        };
        config.Mounts.AddRange([.. mounts, .. Mounts]);
        var created = await Client.CreateContainerAsync(
            new CreateContainerRequest { PodSandboxId = _pod, Config = config, SandboxConfig = pod });
        _container = created.ContainerId;
        await Client.StartContainerAsync(new ContainerRequest { ContainerId = created.ContainerId });
        return created.ContainerId;
    }

    private PodSandboxConfig Describe()
    {
        var pod = new PodSandboxConfig
        {
            Metadata = new PodSandboxMetadata { Name = Name, Uid = Name, Namespace = "test" },
            Hostname = Hostname,
            LogDirectory = LogFolder,
            Linux = new LinuxPodSandboxConfig
            {
                SecurityContext = new LinuxSandboxSecurityContext
                {
                    NamespaceOptions = new NamespaceOption { Pid = Security.NamespaceOptions.Pid },
                    Privileged = Security.Privileged,
                },
            },
        };
        pod.Annotations.Add(PodAnnotations.ToDictionary());
        return pod;
    }
}
