using Stasis.Engine.Criu;
using Stasis.Engine.Criu.Images;
using Stasis.UnitTests.Fuzz;
using Xunit;

namespace Stasis.UnitTests.Criu;

/// <summary>Images that Stasis reads for its own use: each input is read, or refused with an <see cref="InvalidDataException"/>.</summary>
public sealed class FuzzTests : IDisposable
{
    private readonly TempDirectory _temp = new();

    public void Dispose() => _temp.Dispose();

    [Fact]
    public void Images_are_read_or_refused()
    {
        var golden = new Stasis.UnitTests.Vetting.Images.GoldenImages().Images;
        string[] kinds = ["utsns-", "mm-", "pagemap-"];
        var images = golden
            .Where(image => kinds.Any(kind => image.Key.StartsWith(kind, StringComparison.Ordinal)))
            .Select(image => image.Value);
        Fuzzer.Run([.. images, File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, "Criu/Golden/stats-dump"))], input =>
        {
            var file = Path.Combine(_temp.Path, "image");
            File.WriteAllBytes(file, input);
            return IsRead(() => LocalImageFile.Read(file, ImageKind.Statistics))
                | IsRead(() => UtsImage.Read(file))
                | IsRead(() => PagemapImage.Read(file))
                | IsRead(() => MemoryMapImage.Read(file));
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
