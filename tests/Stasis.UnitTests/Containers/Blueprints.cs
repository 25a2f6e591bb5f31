using System.Runtime.InteropServices;
using Stasis.Engine;
using Stasis.Engine.Containers.Create;
using Stasis.Engine.Images;
using Stasis.Engine.Oci;
using Stasis.Engine.Storage;

namespace Stasis.UnitTests.Containers;

/// <summary>A host, an image and a request that are the same everywhere.</summary>
internal static class Blueprints
{
    public static readonly string Id = string.Concat(Enumerable.Repeat("0123456789abcdef", 4));

    public static readonly HostFacts Host = new()
    {
        HostName = "box",
        Architecture = Architecture.X64,
        Kernel = new Version(6, 1),
        Cgroups = new HostCgroups
        {
            Controllers = new HashSet<string> { "pids", "memory", "cpu" },
            Legacy = new Dictionary<string, string> { ["pids"] = "/nowhere" }
        },
    };

    public static readonly Image Image = new()
    {
        Id = string.Concat(Enumerable.Repeat("fedcba9876543210", 4)),
        Names = ["localhost/counter:latest"],
        Layers = ["sha256:1"],
        Config = new ImageExecutionConfig { Cmd = ["sh", "-c", "count"], Env = ["LANG=C"] },
    };

    public static readonly CreateOptions Options = new()
    {
        Image = "counter",
        SecurityOptions = ["seccomp=unconfined"],
        Networks = ["none"]
    };

    public static ContainerBlueprint Build(CreateOptions options, Image? image = null, HostFacts? host = null) =>
        ContainerBlueprint.Build(
            options,
            image ?? Image,
            Id,
            options.Name ?? "counter",
            new Layout("/var/lib/stasis", "/run/stasis"),
            new EngineOptions(),
            host ?? Host);
}
