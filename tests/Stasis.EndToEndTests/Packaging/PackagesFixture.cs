using Xunit;

namespace Stasis.EndToEndTests.Packaging;

/// <summary>The files of a release, made once by <c>eng/package.sh</c>.</summary>
public sealed class PackagesFixture : IAsyncLifetime
{
    /// <summary>The folder that they are in.</summary>
    public string Folder { get; } = Path.Combine(RepositoryScript.Repository, "artifacts", "packages");

    /// <summary>The only file that matches a pattern.</summary>
    public string File(string pattern) => Assert.Single(Directory.GetFiles(Folder, pattern));

    /// <inheritdoc/>
    public async ValueTask InitializeAsync() => await RepositoryScript.RunAsync("package.sh");

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
