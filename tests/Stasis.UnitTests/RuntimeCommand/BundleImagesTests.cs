using System.Text.Json;
using Stasis.Engine.RuntimeCommand.Mounts;
using Stasis.Engine.RuntimeSpec;
using Stasis.Engine.Vetting.Images;
using Stasis.UnitTests.Vetting.Images;
using Xunit;

namespace Stasis.UnitTests.RuntimeCommand;

/// <summary>Images of a real container, fitted to bundles that differ from it: the image verifier then finds no difference.</summary>
public sealed class BundleImagesTests : IDisposable
{
    private readonly FittedImages _images = new();

    public void Dispose() => _images.Dispose();

    public static TheoryData<string> Bundles => [.. Changes.Keys];

    private static readonly Dictionary<string, Func<OciSpec, OciSpec>> Changes = new()
    {
        ["the same"] = spec => spec,
        ["a bind more"] = spec => With(spec, Bind("/more")),
        ["a bind beneath a file system in memory"] = spec => With(spec, Bind("/dev/shm/deep/er")),
        ["a file system in memory more"] = spec => With(spec, Tmpfs("/more", "size=64k", "mode=1777", "nosuid")),
        ["a bind within a new file system in memory"] = spec => With(spec, Tmpfs("/run"), Bind("/run/secrets")),
        ["shared memory of its own"] = spec => Without(spec, "/dev/shm", Tmpfs("/dev/shm", "size=65536k", "mode=1777")),
        ["a bind for a file system in memory"] = spec => Without(spec, "/dev", Bind("/dev")),
        ["fewer mounts"] = spec => spec with { Mounts = [.. spec.Mounts!.Where(mount => mount.Destination is "/proc" or "/dev")] },
        ["masks and read-only paths more"] = spec => spec with
        {
            Linux = spec.Linux! with
            {
                MaskedPaths = [.. spec.Linux.MaskedPaths ?? [], "/proc/version", "/sys/block", "/sys/class"],
                ReadonlyPaths = [.. spec.Linux.ReadonlyPaths ?? [], "/proc/tty"],
            },
        },
        ["no masks"] = spec => spec with { Linux = spec.Linux! with { MaskedPaths = null, ReadonlyPaths = null } },
        ["another filter"] = spec => spec with
        {
            Linux = spec.Linux! with
            {
                Seccomp = new OciSeccomp
                {
                    DefaultAction = "SCMP_ACT_ERRNO",
                    Syscalls = [new OciSyscall { Names = ["read", "write", "nanosleep"], Action = "SCMP_ACT_ALLOW" }],
                },
            },
        },
        ["no capabilities"] = spec => spec with { Process = spec.Process! with { Capabilities = null, NoNewPrivileges = true } },
        ["a network of its own"] = spec => spec with
        {
            Linux = spec.Linux! with
            {
                Namespaces = [.. spec.Linux.Namespaces!.Select(space => space.Type == "network" ? space with { Path = null } : space)],
            },
        },
    };

    [Theory]
    [MemberData(nameof(Bundles))]
    public void Nothing_differs_from_the_bundle(string bundle)
    {
        var findings = _images.Fit(Changes[bundle](GoldenImages.Spec));

        Assert.DoesNotContain(
            findings, finding => finding.Rule != "image-mask" || bundle.StartsWith("masks", StringComparison.Ordinal));
    }

    /// <summary>Processes have files in it open for writing: in a container whose root is read-only, none could.</summary>
    [Fact]
    public void With_a_read_only_root_nothing_but_the_open_files_differs()
    {
        var findings = _images.Fit(GoldenImages.Spec with { Root = GoldenImages.Spec.Root! with { Readonly = true } });

        Assert.Equal(["image-path"], findings.Where(finding => finding.Rule != "image-mask").Select(finding => finding.Rule).Distinct());
    }

    [Fact]
    public void The_checkpoints_own_images_stay_as_they_were()
    {
        var before = ReadAll();

        _images.Fit(Changes["masks and read-only paths more"](With(GoldenImages.Spec, Tmpfs("/more"), Bind("/other"))));

        Assert.Equal(before, ReadAll());
    }

    [Fact]
    public void A_bind_is_as_writable_as_the_bundles()
    {
        _images.Fit(With(GoldenImages.Spec, Bind("/writable"), Bind("/fixed") with { Options = ["bind", "ro"] }));

        var mounts = MountImage.Read(MountImage.Find(_images.Copy.Images)!);
        Assert.False(mounts.Single(mount => mount.Point == "/writable").HasFlags(MountNode.ReadOnly));
        Assert.True(mounts.Single(mount => mount.Point == "/fixed").HasFlags(MountNode.ReadOnly));
    }

    private string ReadAll() => JsonSerializer.Serialize(
        Directory.GetFiles(_images.Original.Images).Order(StringComparer.Ordinal).ToDictionary(path => path, File.ReadAllBytes));

    private static OciSpec With(OciSpec spec, params OciMount[] mounts) => spec with { Mounts = [.. spec.Mounts!, .. mounts] };

    private static OciSpec Without(OciSpec spec, string destination, params OciMount[] mounts) =>
        spec with { Mounts = [.. spec.Mounts!.Where(mount => mount.Destination != destination), .. mounts] };

    private static OciMount Bind(string destination) =>
        new() { Destination = destination, Type = "bind", Source = "/srv", Options = ["bind", "rw"] };

    private static OciMount Tmpfs(string destination, params string[] options) =>
        new() { Destination = destination, Type = "tmpfs", Source = "tmpfs", Options = options };
}
