using System.Text.Json;
using Stasis.Engine;
using Stasis.Engine.Archive;
using Stasis.Engine.Criu.Images;
using Stasis.Engine.Formats.Compression;
using Stasis.Engine.Formats.Tar;
using Stasis.Engine.Model;
using Stasis.Engine.RuntimeSpec;
using Stasis.Engine.Vetting.Findings;
using Stasis.Engine.Vetting.Images;

namespace Stasis.UnitTests.Vetting.Images;

/// <summary>Images that the real CRIU wrote, made by make.sh beside them: by name, in memory.</summary>
internal sealed class GoldenImages : ImageFileSource
{
    private static readonly Lazy<(Dictionary<string, byte[]> Images, ContainerConfig Config, OciSpec Spec)> Read = new(ReadAll);

    public Dictionary<string, byte[]> Images { get; } = new(Read.Value.Images);

    public static OciSpec Spec => Read.Value.Spec;

    public static ContainerConfig Config => Read.Value.Config;

    public override IEnumerable<string> Names => Images.Keys;

    public override long? Length(string name) => Images.TryGetValue(name, out var image) ? image.Length : null;

    public override ImageChunkReader Open(string name) => new(Images[name]);

    public override Stream OpenStream(string name) => new MemoryStream(Images[name], writable: false);

    /// <summary>
    /// What the verifier finds in them. What is hidden of /proc and /sys depends on the kernel that runs the
    /// tests, and is left out.
    /// </summary>
    public IReadOnlyList<Finding> Verify() => VerifyAll(Spec);

    /// <summary>As above, compared with that spec.</summary>
    public IReadOnlyList<Finding> VerifyAll(OciSpec spec) =>
        [.. ImageVerifier
            .Verify(new ImageDirectory(this, ArchiveEntryNames.Checkpoint), Read.Value.Config, spec, "golden").Findings
            .Where(finding => finding.Rule != "image-mask")];

    /// <summary>What some of its rules find, in their order.</summary>
    public IReadOnlyList<Finding> Verify(params Action<ImageVerification>[] rules) => Verify(Spec, rules);

    /// <summary>As above, compared with that spec.</summary>
    public IReadOnlyList<Finding> Verify(OciSpec spec, params Action<ImageVerification>[] rules)
    {
        var verification =
            new ImageVerification(new ImageDirectory(this, ArchiveEntryNames.Checkpoint), new SpecAllowances(spec, Read.Value.Config));
        foreach (var rule in rules)
            verification.Try(rule);
        return verification.Findings;
    }

    private static (Dictionary<string, byte[]>, ContainerConfig, OciSpec) ReadAll()
    {
        var all = new Dictionary<string, byte[]>();
        using var file = File.OpenRead(Path.Combine(AppContext.BaseDirectory, "Vetting/Images/Golden/everything.tar.zst"));
        using var plain = CompressionStreams.OpenRead(file);
        using var tar = new TarReader(plain);
        while (tar.Next() is { } entry)
        {
            if (entry.Type != TarEntryType.File)
                continue;
            using var content = new MemoryStream();
            tar.Data.CopyTo(content);
            all.Add(entry.NameText, content.ToArray());
        }
        const string Folder = "checkpoint/";
        return (all
            .Where(entry => entry.Key.StartsWith(Folder, StringComparison.Ordinal))
            .ToDictionary(entry => entry.Key[Folder.Length..], entry => entry.Value),
            JsonSerializer.Deserialize(all["config.dump"], EngineJson.Default.ContainerConfig)!, JsonSerializer.Deserialize(
                all["spec.dump"], EngineJson.Default.OciSpec)!);
    }
}
