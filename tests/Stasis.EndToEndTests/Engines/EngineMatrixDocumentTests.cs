using Xunit;

namespace Stasis.EndToEndTests.Engines;

/// <summary>The table of docs/engines.md is that of the cells that the tests run.</summary>
public sealed class EngineMatrixDocumentTests
{
    [Fact]
    public async Task The_table_has_the_cells_of_the_tests()
    {
        var path = Path.Combine(Environment.GetEnvironmentVariable("STASIS_REPO")!, "docs/engines.md");
        var page = await File.ReadAllTextAsync(path, TestContext.Current.CancellationToken);
        var begin = page.IndexOf("| | Podman |", StringComparison.Ordinal);
        var end = page.IndexOf("\n\n", begin, StringComparison.Ordinal) + 1;
        var written = page[..begin] + EngineMatrix.WriteTable() + page[end..];
        if (Environment.GetEnvironmentVariable("STASIS_WRITE_DOCS") is "1")
            await File.WriteAllTextAsync(path, written, TestContext.Current.CancellationToken);
        Assert.Equal(written, await File.ReadAllTextAsync(path, TestContext.Current.CancellationToken));
    }
}
