using System.Text.Json;
using Stasis.Engine.Errors;
using Stasis.Engine.Logging;
using Stasis.Engine.Model;
using Stasis.Engine.Storage;
using Stasis.Linux.Files;
using Stasis.Linux.Processes;

namespace Stasis.Engine.Network;

/// <summary>netavark, which makes and removes interfaces, routes, firewall rules, and starts aardvark-dns.</summary>
internal sealed class Netavark(Layout layout, EngineLog log)
{
    // Podman's helper_binaries_dir, and PATH.
    internal static readonly string[] Places = ["/usr/libexec/podman/netavark", "/usr/lib/podman/netavark", "netavark"];
    internal static readonly string[] DnsPlaces = ["/usr/libexec/podman/aardvark-dns", "/usr/lib/podman/aardvark-dns", "aardvark-dns"];

    private static readonly TimeSpan TimeLimit = TimeSpan.FromMinutes(2);

    /// <summary>aardvark-dns, or null.</summary>
    public static string? FindDns() =>
        Find(DnsPlaces);

    private static string? Find(string[] places) =>
        places.Select(place => ExecutablePath.Find(place, Environment.GetEnvironmentVariable("PATH")))
            .FirstOrDefault(path => path is not null);

    /// <exception cref="StasisException">netavark isn't there, or failed; its words are in the message.</exception>
    public async Task<IReadOnlyDictionary<string, NetworkStatus>> SetUpAsync(
        NetavarkRequest request, string netns, CancellationToken cancellation)
    {
        var output = await RunAsync("setup", request, netns, cancellation);
        try
        {
            return JsonSerializer.Deserialize(output, EngineJson.Default.IReadOnlyDictionaryStringNetworkStatus)
                ?? throw new JsonException("null");
        }
        catch (JsonException e)
        {
            throw new StasisException($"netavark's answer can't be read: {e.Message}: {output}", e);
        }
    }

    public async Task TakeDownAsync(NetavarkRequest request, string netns) =>
        await RunAsync("teardown", request, netns, CancellationToken.None);

    private async Task<string> RunAsync(string verb, NetavarkRequest request, string netns, CancellationToken cancellation)
    {
        var program = Find();
        List<string> arguments = ["--config", layout.NetworkRun, "--file", layout.NetworkRequest(request.ContainerId)];
        if (FindDns() is { } dns)
            arguments.AddRange(["--aardvark-binary", dns]);
        PrivateDirectory.Create(layout.NetworkRun);
        // Killed with this process or not, it goes on: flock(1), which doesn't pass the lock to aardvark-dns, has the
        // next one wait for its end.
        var locked = new SpawnOptions
        {
            Program = "flock",
            Arguments = ["-o", layout.NetavarkLock, program, .. arguments, verb, netns],
        };
        var result = await log.Programs.RunAsync(locked, TimeLimit, cancellation);
        if (result.ExitCode == 0)
            return result.Output;
        throw new StasisException($"netavark {verb} for container {request.ContainerName}: {Reason(result)}");
    }

    // It says {"error":"…"} on standard output.
    private static string Reason(ProgramResult result)
    {
        try
        {
            if (JsonSerializer.Deserialize(result.Output, EngineJson.Default.NetavarkError) is { Error: { } error })
                return error;
        }
        catch (JsonException)
        {
            // it ended before it could
        }
        return $"{result.Output}{result.Error}".Trim() is { Length: > 0 } text ? text : $"exit status {result.ExitCode}";
    }

    private static string Find() =>
        Find(Places) ?? throw new MissingProgramException("netavark", "netavark is not there: networks other than none and host need it")
        {
            Remedy = Remedy.Create(
                $"install netavark (and iptables or nftables), or use {new RemedyOption(RemedyOptionKind.Network, "none")} or host"),
        };
}

/// <summary>How netavark says what failed.</summary>
internal sealed record NetavarkError
{
    [System.Text.Json.Serialization.JsonPropertyName("error")] public string? Error { get; init; }
}
