using Stasis.Engine.Criu;
using Stasis.UnitTests.Fuzz;
using Xunit;
using Proto = Stasis.Engine.Criu.Proto;

namespace Stasis.UnitTests.Criu;

/// <summary>The images that Stasis itself reads, besides the verifier: read, or refused with an <see cref="InvalidDataException"/>.</summary>
public sealed class FuzzTests : IDisposable
{
    private readonly TempDirectory _temp = new();

    public void Dispose() => _temp.Dispose();

    [Fact]
    public void Images_that_are_read_beside_CRIU()
    {
        var golden = new Stasis.UnitTests.Vetting.Images.GoldenImages().Images;
        var images = golden.Where(image => image.Key.StartsWith("utsns-", StringComparison.Ordinal) || image.Key.StartsWith("mm-", StringComparison.Ordinal) || image.Key.StartsWith("pagemap-", StringComparison.Ordinal));
        Fuzzer.Run([.. images.Select(image => image.Value), File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, "Criu/Golden/stats-dump"))], input =>
        {
            var file = Path.Combine(_temp.Path, "image");
            File.WriteAllBytes(file, input);
            return IsRead(() => ImageFile.ReadStats(file, Proto.StatsEntry.Parser)) | IsRead(() => ImageFile.ReadUts(file)) | IsRead(() => ImageFile.ReadPagemap(file)) | IsRead(() => ImageFile.ReadMm(file));
        });
    }

    private static bool IsRead(Action read)
    {
        try
        {
            read();
            return true;
        }
        catch (InvalidDataException)
        {
            return false;
        }
    }
}
