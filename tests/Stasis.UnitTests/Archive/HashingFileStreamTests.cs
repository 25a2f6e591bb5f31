using Microsoft.Win32.SafeHandles;
using Stasis.Engine.Streams;
using Stasis.Linux.Cryptography;
using Xunit;

namespace Stasis.UnitTests.Archive;

public sealed class HashingFileStreamTests : IDisposable
{
    private readonly TempDirectory _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(0)]
    [InlineData(1000)]
    [InlineData((4 << 20) - 1)]
    [InlineData(4 << 20)]
    [InlineData((70 << 20) + 7)] // by the threads
    public void Written_bytes_are_in_the_file_and_hashed(int length)
    {
        var content = Noise(length);
        using var file = New("file");
        using var stream = new HashingFileStream(file);

        for (var at = 0; at < length; at += 333_333)
            stream.Write(content.AsSpan(at, Math.Min(333_333, length - at)));

        Check(content, stream);
    }

    [Theory]
    [InlineData(0, 0, 20 << 20)]
    [InlineData(4096, 4096, (20 << 20) + 5)]
    [InlineData(1000, 77, (6 << 20) + 5)]
    [InlineData(5 << 20, 0, 10)]
    public void Copied_bytes_come_in_their_place(int before, int offset, int count)
    {
        var content = Noise(before + count + 3000);
        using var source = New("source");
        RandomAccess.Write(source, content.AsSpan(before, count), offset);
        using var file = New("file");
        using var stream = new HashingFileStream(file);

        stream.Write(content.AsSpan(0, before));
        for (var at = 0; at < count;)
            at += Taken(stream.Copy(source, offset + at, count - at), count - at);
        stream.Write(content.AsSpan(before + count));

        Check(content, stream);
    }

    [Fact]
    public void At_a_sources_end_nothing_is_copied()
    {
        using var source = New("source");
        RandomAccess.Write(source, new byte[10], 0);
        using var file = New("file");
        using var stream = new HashingFileStream(file);

        Assert.Equal(10, stream.Copy(source, 0, 5000));
        Assert.Equal(0, stream.Copy(source, 10, 4990));
        Check(new byte[10], stream);
    }

    [Fact]
    public void Left_halfway_nothing_is_written_any_more()
    {
        using var file = New("file");
        var stream = new HashingFileStream(file);
        stream.Write(Noise(70 << 20));

        stream.Dispose();
        RandomAccess.SetLength(file, 0);

        Assert.Equal(0, RandomAccess.GetLength(file));
    }

    private static int Taken(int count, int most)
    {
        Assert.InRange(count, 1, most);
        return count;
    }

    private void Check(byte[] content, HashingFileStream stream)
    {
        Assert.Equal($"sha256:{Convert.ToHexStringLower(Sha256.Compute(content))}", stream.Complete());
        Assert.True(File.ReadAllBytes(Path.Combine(_folder.Path, "file")).AsSpan().SequenceEqual(content));
    }

    private static byte[] Noise(int length)
    {
        var content = new byte[length];
        new Random(length).NextBytes(content);
        return content;
    }

    private SafeFileHandle New(string name) =>
        File.OpenHandle(Path.Combine(_folder.Path, name), FileMode.CreateNew, FileAccess.ReadWrite, FileShare.ReadWrite);
}
