using Stasis.Linux.Files;
using Xunit;

namespace Stasis.UnitTests.Linux.Files;

public sealed class FifoTests : IDisposable
{
    private readonly string _path = Path.Combine(Directory.CreateTempSubdirectory().FullName, "fifo");

    [Fact]
    public async Task A_writer_opens_once_there_is_a_reader()
    {
        await File.WriteAllTextAsync(_path, "what was there before", TestContext.Current.CancellationToken);
        Assert.False(Fifo.Exists(_path));
        Fifo.Replace(_path);
        Assert.True(Fifo.Exists(_path));
        Assert.Null(Fifo.TryOpenWriter(_path));

        var reading = Task.Run(() => File.ReadAllText(_path), TestContext.Current.CancellationToken);
        var writer = (await Eventually.GetAsync(() => Task.FromResult(Fifo.TryOpenWriter(_path)), writer => writer is not null))!;
        Assert.False(reading.IsCompleted);
        using (var stream = new FileStream(writer, FileAccess.Write, bufferSize: 0))
            stream.Write("text"u8);
        Assert.Equal("text", await reading);
    }

    public void Dispose() => FileTree.Remove(Path.GetDirectoryName(_path)!);
}
