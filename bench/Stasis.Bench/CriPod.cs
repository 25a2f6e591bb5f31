using System.Globalization;
using System.Net.Sockets;
using Grpc.Net.Client;
using Stasis.EndToEndTests.Engines.Cri;

namespace Stasis.Bench;

/// <summary>A pod with one container, which containerd's CRI runs.</summary>
internal sealed class CriPod : IAsyncDisposable
{
    /// <summary>The image of the container that holds a pod's namespaces.</summary>
    public const string PauseImage = "localhost/pause:1";

    private const string Name = "bench";

    private readonly GrpcChannel _channel;
    private readonly string _log;
    private string? _pod;

    private CriPod(string socket, string logs)
    {
        _log = Path.Combine(logs, "0.log");
        _channel = GrpcChannel.ForAddress("http://localhost", new GrpcChannelOptions
        {
            HttpHandler = new SocketsHttpHandler
            {
                ConnectCallback = async (_, cancellation) =>
                {
                    var connection = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
                    await connection.ConnectAsync(new UnixDomainSocketEndPoint(socket), cancellation);
                    return new NetworkStream(connection, ownsSocket: true);
                },
            },
        });
    }

    private RuntimeService.RuntimeServiceClient Client => new(_channel);

    /// <summary>Runs one.</summary>
    /// <param name="socket">containerd's socket.</param>
    /// <param name="logs">A folder for its log.</param>
    /// <param name="image">The container's image.</param>
    /// <param name="command">The container's command.</param>
    /// <param name="checkpoint">The checkpoint that stasis-runtime restores; null for a start with runc.</param>
    public static async Task<CriPod> RunAsync(string socket, string logs, string image, string[] command, string? checkpoint)
    {
        Directory.CreateDirectory(logs);
        var pod = new CriPod(socket, logs);
        File.Delete(pod._log);
        var sandbox = new PodSandboxConfig
        {
            Metadata = new PodSandboxMetadata { Name = Name, Uid = Name, Namespace = "bench" },
            LogDirectory = logs,
            Linux = new LinuxPodSandboxConfig { SecurityContext = new LinuxSandboxSecurityContext { NamespaceOptions = new() } },
        };
        if (checkpoint is not null)
            sandbox.Annotations.Add("checkpoint.stasis.dev/" + Name, checkpoint);
        var handler = checkpoint is null ? "runc" : "stasis";
        var made = await pod.Client.RunPodSandboxAsync(new RunPodSandboxRequest { Config = sandbox, RuntimeHandler = handler });
        pod._pod = made.PodSandboxId;
        var container = await pod.Client.CreateContainerAsync(new CreateContainerRequest
        {
            PodSandboxId = pod._pod,
            SandboxConfig = sandbox,
            Config = new ContainerConfig
            {
                Metadata = new ContainerMetadata { Name = Name },
                Image = new ImageSpec { Image = image },
                Command = { command },
                LogPath = Path.GetFileName(pod._log),
                Linux = new LinuxContainerConfig
                {
                    Resources = new LinuxContainerResources(),
                    SecurityContext = new LinuxContainerSecurityContext
                    {
                        NamespaceOptions = new NamespaceOption { Pid = NamespaceMode.Container },
                        Seccomp = new SecurityProfile { ProfileType = SecurityProfile.Types.ProfileType.RuntimeDefault },
                    },
                },
            },
        });
        await pod.Client.StartContainerAsync(new ContainerRequest { ContainerId = container.ContainerId });
        return pod;
    }

    /// <summary>Waits for the container's first line; gives when containerd had it.</summary>
    public async Task<DateTimeOffset> FirstOutputAsync()
    {
        while (true)
        {
            if (File.Exists(_log) && await File.ReadAllTextAsync(_log) is { Length: > 0 } text && text.Contains('\n'))
                return DateTimeOffset.Parse(text.Split(' ')[0], CultureInfo.InvariantCulture);
            await Task.Delay(10);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await Client.StopPodSandboxAsync(new PodSandboxRequest { PodSandboxId = _pod });
        await Client.RemovePodSandboxAsync(new PodSandboxRequest { PodSandboxId = _pod });
        _channel.Dispose();
    }
}
