using Stasis.Engine.Archive;
using Stasis.Engine.RuntimeCommand;
using Stasis.Engine.RuntimeCommand.Mounts;
using Stasis.Engine.RuntimeSpec;
using Stasis.Engine.Vetting.Findings;
using Stasis.Engine.Vetting.Images;
using Stasis.UnitTests.Vetting.Images;

namespace Stasis.UnitTests.RuntimeCommand;

/// <summary>Images that the real CRIU wrote, in a folder, and what becomes of them for another spec than their container's.</summary>
internal sealed class FittedImages : IDisposable
{
    private readonly TempDirectory _directory = new();

    public FittedImages()
    {
        Directory.CreateDirectory(Original.Images);
        Directory.CreateDirectory(RootFs);
        foreach (var (name, bytes) in new GoldenImages().Images)
            File.WriteAllBytes(Path.Combine(Original.Images, name), bytes);
    }

    public CheckpointEntryPaths Original => new(Path.Combine(_directory.Path, "original"));

    public CheckpointEntryPaths Copy => new(Path.Combine(_directory.Path, "copy"));

    public string RootFs => Path.Combine(_directory.Path, "rootfs");

    public void Dispose() => _directory.Dispose();

    /// <summary>Fits the images, and compares them with the spec that they are restored by.</summary>
    public IReadOnlyList<Finding> Fit(OciSpec bundle)
    {
        using var points = new MountPointResolver(RootFs, bundle.Mounts ?? []);
        var own = new BundleSpec.OwnPaths("/sources", "/network", "/criu.conf");
        var mounts = MountImage.Read(MountImage.Find(Original.Images)!);
        var spec = BundleSpec.Create(bundle, "ID", GoldenImages.Spec, mounts, points, own).Spec;
        new BundleImages(Original, Copy, "golden").Fit(spec, GoldenImages.Spec, points);
        var expected = spec with { Linux = spec.Linux! with { CgroupsPath = GoldenImages.Spec.Linux!.CgroupsPath } };
        return ImageVerifier.Verify(Copy, GoldenImages.Config, expected, "golden").Findings;
    }
}
