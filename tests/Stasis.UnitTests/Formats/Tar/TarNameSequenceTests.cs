using Stasis.Engine.Formats.Tar;
using Xunit;

namespace Stasis.UnitTests.Formats.Tar;

public sealed class TarNameSequenceTests
{
    [Fact]
    public void A_name_costs_its_new_folders()
    {
        var names = new TarNameSequence();

        Assert.Equal([1, 1, 1, 3, 1, 2, 3], ((string[])["a", "a/b", "a/b/c", "a/d/e/f", "a/d/e/g", "a/de/f", "b/d/e"]).Select(names.Take));
    }

    [Fact]
    public void A_long_name_costs_more()
    {
        var names = new TarNameSequence();

        Assert.Equal([2000 * 17, 17], ((string[])[Deep("f"), Deep("g")]).Select(names.Take));

        static string Deep(string last) => string.Concat(Enumerable.Repeat("a/", 1999)) + last.PadRight(100, last[0]);
    }

    [Fact]
    public void New_folders_are_those_that_the_name_before_was_not_in()
    {
        var names = new TarNameSequence();

        Assert.Equal(
            ["a, a/b", "", "a/b/c", "ab", ""],
            ((string[])["a/b/c", "a/b/d", "a/b/c/e", "ab/c", "a"]).Select(name =>
            {
                names.Take(name);
                return string.Join(", ", names.NewFolders());
            }));
    }
}
