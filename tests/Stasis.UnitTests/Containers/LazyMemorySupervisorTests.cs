using Stasis.Engine.Containers.Supervision;
using Xunit;

namespace Stasis.UnitTests.Containers;

public sealed class LazyMemorySupervisorTests : IDisposable
{
    private readonly TempDirectory _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task One_of_many_tells_why_a_container_lost_its_memory()
    {
        var path = Path.Combine(_folder.Path, "lost-pages");

        var first =
            await Task.WhenAll(Enumerable.Range(0, 16)
                .Select(i => Task.Run(() => LazyMemorySupervisor.TryWriteReason(path, $"reason {i}"))));

        Assert.Single(first, isFirst => isFirst);
        Assert.Equal($"reason {Array.IndexOf(first, true)}", File.ReadAllText(path));
        Assert.Equal([path], Directory.GetFiles(_folder.Path));
    }
}
