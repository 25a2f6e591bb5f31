using Xunit;

namespace Stasis.Tests;

/// <summary>
/// Waits for conditions. This is the one place of the tests with a time limit: <see cref="HangGuard"/> turns a hang into a
/// failure, and is far longer than a busy machine needs.
/// </summary>
public static class Eventually
{
    /// <summary>After this long, a test fails: what it waits for will not come.</summary>
    public static readonly TimeSpan HangGuard = TimeSpan.FromMinutes(5);

    private const int ShortestPause = 5; // milliseconds
    private const int MaxPauseLength = 200; // of what takes long, asking costs more than it is worth

    /// <summary>Asks again and again until the answer satisfies, and gives it.</summary>
    public static async Task<T> GetAsync<T>(Func<Task<T>> ask, Func<T, bool> satisfies)
    {
        var deadline = DateTime.UtcNow + HangGuard;
        for (var pause = ShortestPause; ; pause = Math.Min(pause * 5 / 4, MaxPauseLength))
        {
            var answer = await ask();
            if (satisfies(answer))
                return answer;
            Assert.True(DateTime.UtcNow < deadline, $"not within {HangGuard}; the last answer was: {answer}");
            await Task.Delay(pause, TestContext.Current.CancellationToken);
        }
    }

    /// <summary>Waits for a condition; <paramref name="what"/> says in the failure what was waited for.</summary>
    public static async Task TrueAsync(Func<bool> condition, string what)
    {
        var deadline = DateTime.UtcNow + HangGuard;
        for (var pause = 1; !condition(); pause = Math.Min(pause * 2, ShortestPause * 4))
        {
            Assert.True(DateTime.UtcNow < deadline, $"not within {HangGuard}: {what}");
            await Task.Delay(pause, TestContext.Current.CancellationToken);
        }
    }

    /// <summary>Waits for a file to appear.</summary>
    public static Task FileAsync(string path) => TrueAsync(() => File.Exists(path), path);

    /// <summary>The result of a task that must end.</summary>
    public static Task<T> EndsAsync<T>(Task<T> task) => task.WaitAsync(HangGuard, TestContext.Current.CancellationToken);

    /// <summary>Waits for a task that must end.</summary>
    public static Task EndsAsync(Task task) => task.WaitAsync(HangGuard, TestContext.Current.CancellationToken);
}
