using Stasis.Engine.Jail;
using Xunit;

namespace Stasis.UnitTests.Jail;

public sealed class JailProgramsTests : IDisposable
{
    private readonly TempDirectory _directory = new();

    private string Home => Path.Combine(_directory.Path, "programs");

    [Fact]
    public async Task A_program_comes_with_its_loader_and_libraries()
    {
        var made = await PrepareAsync("/bin/ls");
        Assert.Contains("/bin/ls", made.Paths);
        Assert.Contains(made.Paths, path => Path.GetFileName(path).StartsWith("libc.so", StringComparison.Ordinal));
        Assert.Contains(made.Paths, path => Path.GetFileName(path).StartsWith("ld-linux", StringComparison.Ordinal));
        Assert.All(made.Paths, path => Assert.True(Path.Exists(made.Folder + path), path));
        Assert.Equal(File.ReadAllBytes("/bin/ls"), File.ReadAllBytes(made.Folder + "/bin/ls"));
        Assert.Equal(File.GetUnixFileMode("/bin/ls"), File.GetUnixFileMode(made.Folder + "/bin/ls"));
    }

    [Fact]
    public async Task Copies_are_kept_until_a_program_changes()
    {
        var program = Path.Combine(_directory.Path, "tool");
        File.WriteAllText(program, "#!/bin/sh\n");
        var first = await PrepareAsync(program);
        Assert.Equal(first.Folder, (await PrepareAsync(program)).Folder);
        File.Copy("/bin/ls", program, overwrite: true);
        var second = await PrepareAsync(program);
        Assert.Contains(second.Paths, path => Path.GetFileName(path).StartsWith("libselinux", StringComparison.Ordinal));
        Assert.True(Directory.Exists(first.Folder), "a restore that has begun can still need them");
        Directory.SetLastWriteTimeUtc(first.Folder, DateTime.UtcNow.AddDays(-2));
        File.AppendAllText(program, "x");
        var third = await PrepareAsync(program);
        Assert.Equal([second.Folder, third.Folder], Directory.GetDirectories(Home).OrderBy(folder => folder == third.Folder));
        Directory.Delete(third.Folder, recursive: true);
        Assert.True(Directory.Exists((await PrepareAsync(program)).Folder));
    }

    [Fact]
    public async Task Files_in_a_listed_folder_are_not_listed_again()
    {
        var paths = (await PrepareAsync("/bin/ls")).Paths;
        Assert.DoesNotContain(paths, path => paths.Any(folder => path.StartsWith(folder + "/", StringComparison.Ordinal)));
    }

    public void Dispose() => _directory.Dispose();

    private Task<JailPrograms> PrepareAsync(string program) =>
        JailPrograms.PrepareAsync(program, "/bin/true", "/usr/bin:/bin", Home, TestContext.Current.CancellationToken);
}
