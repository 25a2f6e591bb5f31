using Stasis.Engine.Criu;
using Stasis.Engine.Storage;
using Xunit;

namespace Stasis.UnitTests.Criu;

public sealed class KeptLogsTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("stasis-logs-");

    [Fact]
    public void Last_ten_logs_are_kept()
    {
        var layout = new Layout(Path.Combine(_folder.FullName, "root"), Path.Combine(_folder.FullName, "run"));
        List<string> kept = [];
        for (var i = 0; i < 12; i++)
        {
            var log = Path.Combine(_folder.FullName, "restore.log");
            File.WriteAllText(log, $"{i}");
            File.SetLastWriteTimeUtc(log, DateTime.UtcNow.AddMinutes(i - 20));
            kept.Add(KeptLogs.Keep(layout, log, $"id{i}", "restore"));
            Assert.False(File.Exists(log));
        }

        Assert.Equal(kept[2..], kept.Where(File.Exists));
        Assert.Equal("11", File.ReadAllText(kept[^1]));
    }

    public void Dispose() => _folder.Delete(recursive: true);
}
