using System.Reflection;
using Stasis.Engine;
using Xunit;

namespace Stasis.UnitTests;

/// <summary>
/// The public API is that of PublicApi.txt, so that every change of it is a line in a diff that somebody reads. After an intended
/// change, run this test with STASIS_ACCEPT_API=1, which writes the listing anew.
/// </summary>
public class PublicApiTests
{
    private static string Listing => Path.Combine(Repository.Root, "tests/Stasis.UnitTests/PublicApi.txt");

    [Fact]
    public void The_public_API_is_the_one_listed()
    {
        Assembly[] assemblies =
        [
            typeof(StasisEngine).Assembly,
            typeof(Microsoft.Extensions.DependencyInjection.StasisServiceCollectionExtensions).Assembly,
        ];
        var actual = assemblies.SelectMany(PublicApi.List).ToList();
        if (Environment.GetEnvironmentVariable("STASIS_ACCEPT_API") == "1")
            File.WriteAllLines(Listing, actual);
        var listed = File.ReadAllLines(Listing);
        var removed = listed.Except(actual).Select(line => "- " + line);
        var added = actual.Except(listed).Select(line => "+ " + line);
        var difference = string.Join('\n', removed.Concat(added));
        Assert.True(difference.Length == 0, $"the public API is not that of {Listing}:\n{difference}");
    }
}
