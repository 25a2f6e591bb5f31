using Stasis.Engine.Jail;
using Xunit;

namespace Stasis.UnitTests.Jail;

public sealed class JailProgramsTests : IDisposable
{
    private readonly TempDirectory _directory = new();

    private string Cache => Path.Combine(_directory.Path, "run", "programs.json");

    [Fact]
    public async Task A_program_comes_with_its_loader_and_libraries()
    {
        var list = await ListAsync("/bin/ls");
        Assert.Contains("/bin/ls", list);
        Assert.Contains(list, path => Path.GetFileName(path).StartsWith("libc.so", StringComparison.Ordinal));
        Assert.Contains(list, path => Path.GetFileName(path).StartsWith("ld-linux", StringComparison.Ordinal));
        Assert.All(list, path => Assert.True(Path.Exists(path), path));
    }

    [Fact]
    public async Task A_list_is_kept_until_a_program_changes()
    {
        var program = Path.Combine(_directory.Path, "tool");
        File.WriteAllText(program, "#!/bin/sh\n");
        var first = await ListAsync(program);
        var written = File.GetLastWriteTimeUtc(Cache);
        Assert.Equal(first, await ListAsync(program));
        Assert.Equal(written, File.GetLastWriteTimeUtc(Cache));
        File.Copy("/bin/ls", program, overwrite: true);
        Assert.Contains(await ListAsync(program), path => Path.GetFileName(path).StartsWith("libselinux", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Files_in_a_listed_folder_are_not_listed_again()
    {
        var list = await ListAsync("/bin/ls");
        Assert.DoesNotContain(list, path => list.Any(folder => path.StartsWith(folder + "/", StringComparison.Ordinal)));
    }

    public void Dispose() => _directory.Dispose();

    private Task<IReadOnlyList<string>> ListAsync(string program) =>
        JailPrograms.ListAsync(program, "/bin/true", "/usr/bin:/bin", Cache, TestContext.Current.CancellationToken);
}
