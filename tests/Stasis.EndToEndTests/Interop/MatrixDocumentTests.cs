using Xunit;

namespace Stasis.EndToEndTests.Interop;

/// <summary>docs/interop.md says what the matrix's tests hold to be so.</summary>
public sealed class MatrixDocumentTests(InteropFixture fixture)
{
    [Fact]
    public async Task The_page_is_what_the_tests_expect()
    {
        var path = Path.Combine(Environment.GetEnvironmentVariable("STASIS_REPO")!, "docs/interop.md");
        var text = MatrixDocument.Write(
        [
            new StateTests(fixture), new NetworkTests(fixture), new RedisTests(fixture), new PostgresTests(fixture)
        ]);
        if (Environment.GetEnvironmentVariable("STASIS_WRITE_DOCS") is "1")
            await File.WriteAllTextAsync(path, text, TestContext.Current.CancellationToken);
        Assert.Equal(text, await File.ReadAllTextAsync(path, TestContext.Current.CancellationToken));
    }
}
