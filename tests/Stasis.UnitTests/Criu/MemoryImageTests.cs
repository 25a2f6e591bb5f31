using Stasis.Engine.Criu;
using Xunit;

namespace Stasis.UnitTests.Criu;

public sealed class MemoryImageTests : IDisposable
{
    private readonly TempDirectory _temp = new();

    public void Dispose() => _temp.Dispose();

    // Found by fuzzing.
    [Theory]
    [InlineData("GUNWVCAoSVc=")] // mm-N.img: its two magic numbers
    [InlineData("GUNWVCVACFY=")] // pagemap-N.img
    public void An_image_without_a_record_is_named_in_the_error(string image)
    {
        var file = Path.Combine(_temp.Path, "image");
        File.WriteAllBytes(file, Convert.FromBase64String(image));

        Assert.Contains(file, Assert.Throws<InvalidDataException>(() => MemoryMapImage.Read(file)).Message, StringComparison.Ordinal);
        Assert.Contains(file, Assert.Throws<InvalidDataException>(() => PagemapImage.Read(file)).Message, StringComparison.Ordinal);
    }
}
