using Stasis.EndToEndTests.Harness;
using Xunit;

namespace Stasis.EndToEndTests.Networks;

/// <summary>Many copies of one archive on one bridge: a hundred in the long form.</summary>
public sealed class ManyCopiesTests
{
    private const int AtOnce = 4;

    private static readonly int Copies = LongForm.IsAsked ? 100 : 24;

    [Fact]
    public async Task Each_has_an_address_of_its_own_and_answers_and_nothing_is_left_of_them()
    {
        await using var host = new StasisHost(networks: true);
        await host.ImportBusyboxAsync();
        var archive = host.PathOf("a.tar.zst");
        await host.OkAsync(["run", "-d", "--name", "a", "busybox", .. Line.Echo(7)]);
        await host.OkAsync("container", "checkpoint", "-e", archive, "a");
        await host.OkAsync("rm", "a");

        await Parallel.ForEachAsync(Enumerable.Range(0, Copies), new ParallelOptions { MaxDegreeOfParallelism = AtOnce },
            async (number, _) =>
            await host.OkAsync("container", "restore", "-i", archive, "--name", $"copy{number}"));

        var addresses = (await host.OkAsync("network", "inspect", "podman", "--format", "{{json .containers}}"))
            .Split("\"ipnet\":\"")
            .Skip(1)
            .Select(rest => rest.Split('/')[0])
            .ToList();
        Assert.Equal(Copies, addresses.Distinct().Count());
        foreach (var address in addresses)
        {
            using var line = await Line.ConnectAsync(host, address, 7);
            Assert.Equal(address, await line.AskAsync(address));
        }

        Assert.Equal(Copies, (await host.OkAsync("rm", "-fa")).Split('\n').Length);
        Assert.Equal("", await host.OkAsync("ps", "-aq"));
        await Leftovers.AssertNoneAsync(host);
    }
}
