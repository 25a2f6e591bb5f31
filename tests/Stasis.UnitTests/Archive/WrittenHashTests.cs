using Stasis.Engine.Archive;
using Stasis.Linux;
using Xunit;

namespace Stasis.UnitTests.Archive;

public sealed class WrittenHashTests : IDisposable
{
    private readonly TempDirectory _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(0)]
    [InlineData(1000)]
    [InlineData((4 << 20) - 1)]
    [InlineData((21 << 20) + 7)] // by the thread
    public void Is_that_of_the_whole_file(int length)
    {
        var content = new byte[length];
        new Random(length).NextBytes(content);
        using var file = File.OpenHandle(Path.Combine(_folder.Path, "file"), FileMode.CreateNew, FileAccess.ReadWrite);
        using var hash = new WrittenHash(file);
        using var stream = new PlainFileStream(file, hash.Reached);

        for (var at = 0; at < length; at += 333_333)
            stream.Write(content.AsSpan(at, Math.Min(333_333, length - at)));

        Assert.Equal($"sha256:{Convert.ToHexStringLower(Sha256.Of(content))}", hash.Digest());
    }

    [Fact]
    public void A_file_that_shrinks_meanwhile_is_an_error()
    {
        using var file = File.OpenHandle(Path.Combine(_folder.Path, "file"), FileMode.CreateNew, FileAccess.ReadWrite);
        using var hash = new WrittenHash(file);
        RandomAccess.Write(file, new byte[10], 0);
        hash.Reached(11);

        Assert.Throws<EndOfStreamException>(() => hash.Digest());
    }
}
