using Stasis.EndToEndTests.Harness;
using Xunit;

namespace Stasis.EndToEndTests.Checkpoints;

/// <summary>The program of Programs/holder.c.</summary>
internal static class Holder
{
    private const int NoSuchThing = 77;

    /// <summary>Waits until it holds what it was told to hold. Where the kernel hasn't got it, the test is skipped.</summary>
    public static async Task ReadyAsync(this StasisHost host, string container)
    {
        // It prints either that it is ready, or what the kernel lacks.
        var log = await Eventually.GetAsync(() => host.RunAsync("logs", container), log => log.Output.Length + log.Error.Length > 0);
        if (log.Error.Length == 0)
            return;
        Assert.True(await host.OkAsync("wait", container) == $"{NoSuchThing}", log.Error);
        Assert.Skip(log.Error);
    }
}
