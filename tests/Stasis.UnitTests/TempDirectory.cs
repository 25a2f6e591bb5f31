using Stasis.Engine.Storage;

namespace Stasis.UnitTests;

/// <summary>A folder that is there as long as the test.</summary>
internal sealed class TempDirectory : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("stasis-test-").FullName;

    public string PathOf(string name) => System.IO.Path.Combine(Path, name);

    public Layout Layout => new(System.IO.Path.Combine(Path, "root"), System.IO.Path.Combine(Path, "run"));

    public void Dispose()
    {
        foreach (var directory in Directory.EnumerateDirectories(Path, "*",
            new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = FileAttributes.ReparsePoint }).Reverse())
        {
            foreach (var file in Directory.EnumerateFiles(directory))
                File.Delete(file);
            Directory.Delete(directory);
        }
        foreach (var file in Directory.EnumerateFiles(Path))
            File.Delete(file);
        Directory.Delete(Path);
    }
}
