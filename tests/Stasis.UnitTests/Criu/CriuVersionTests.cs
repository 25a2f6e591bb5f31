using Stasis.Engine.Criu;
using Xunit;

namespace Stasis.UnitTests.Criu;

public sealed class CriuVersionTests : IDisposable
{
    private readonly TempDirectory _directory = new();

    private string Criu => _directory.Path + "/criu";

    public void Dispose() => _directory.Dispose();

    [Theory]
    [InlineData("Version: 4.2.1", "4.2.1")]
    [InlineData("Version: 3.19\nGitID: v3.19", "3.19")]
    [InlineData("no version", null)]
    public async Task A_version_is_parsed_from_what_CRIU_prints(string said, string? version)
    {
        MakeCriu(said);

        Assert.Equal(version, (await AskAsync())?.ToString());
    }

    [Fact]
    public async Task A_version_is_cached_until_the_program_is_replaced()
    {
        MakeCriu("Version: 3.17.1");
        await AskAsync();
        Assert.True(await AskAsync() < CriuVersion.LockSkip);
        Assert.Equal("asked\n", File.ReadAllText(_directory.Path + "/asked"));

        File.Delete(Criu);
        MakeCriu("Version: 3.19");

        Assert.True(await AskAsync() >= CriuVersion.LockSkip);
        Assert.Equal("asked\nasked\n", File.ReadAllText(_directory.Path + "/asked"));
    }

    private Task<Version?> AskAsync() => CriuVersion.GetAsync(Criu, _directory.Layout, TestContext.Current.CancellationToken);

    private void MakeCriu(string said)
    {
        Directory.CreateDirectory(_directory.Layout.RunRoot);
        File.WriteAllText(Criu, $"#!/bin/sh\necho asked >>{_directory.Path}/asked\nprintf '%s\\n' '{said}'\n");
        File.SetUnixFileMode(Criu, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }
}
