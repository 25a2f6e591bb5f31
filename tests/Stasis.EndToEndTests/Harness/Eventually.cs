using Xunit;

namespace Stasis.EndToEndTests.Harness;

/// <summary>Waits for what takes a moment.</summary>
public static class Eventually
{
    /// <summary>Asks again and again until the answer satisfies, and gives it; fails with the last answer after <paramref name="seconds"/>.</summary>
    public static async Task<T> GetAsync<T>(Func<Task<T>> ask, Func<T, bool> satisfies, int seconds = 30)
    {
        var deadline = DateTime.UtcNow.AddSeconds(seconds);
        while (true)
        {
            var answer = await ask();
            if (satisfies(answer))
                return answer;
            Assert.True(DateTime.UtcNow < deadline, $"not within {seconds} s; the last answer was: {answer}");
            await Task.Delay(20, TestContext.Current.CancellationToken);
        }
    }

    /// <summary>Waits for a file to appear.</summary>
    public static Task FileAsync(string path) => GetAsync(() => Task.FromResult(File.Exists(path)), there => there);
}
