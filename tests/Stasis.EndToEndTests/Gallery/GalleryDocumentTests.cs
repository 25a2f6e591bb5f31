using Xunit;

namespace Stasis.EndToEndTests.Gallery;

/// <summary>docs/programs.md says what the gallery's tests hold to be so.</summary>
public sealed class GalleryDocumentTests
{
    [Fact]
    public async Task The_page_is_what_the_tests_expect()
    {
        var path = Path.Combine(Environment.GetEnvironmentVariable("STASIS_REPO")!, "docs/programs.md");
        var text = GalleryDocument.Write();
        if (Environment.GetEnvironmentVariable("STASIS_WRITE_DOCS") is "1")
            await File.WriteAllTextAsync(path, text, TestContext.Current.CancellationToken);
        Assert.Equal(text, await File.ReadAllTextAsync(path, TestContext.Current.CancellationToken));
    }
}
