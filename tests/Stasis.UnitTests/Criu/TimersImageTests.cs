using Stasis.Engine.Criu;
using Stasis.Engine.Criu.Images;
using Xunit;

namespace Stasis.UnitTests.Criu;

public sealed class TimersImageTests : IDisposable
{
    private const uint Process = 7;
    private const ulong Alarm = 1UL << 13, Usr1 = 1UL << 9, VirtualAndProfiling = 1UL << 25 | 1UL << 26;
    private static readonly ImageKind Kind = ImageKind.Get("core-");

    private readonly TempDirectory _temp = new();

    private string Image => Path.Combine(_temp.Path, Kind.File(Process));

    public void Dispose() => _temp.Dispose();

    [Fact]
    public void Timers_that_run_are_not_counted_as_expired()
    {
        Write(Timer(runs: true), alarm: 1);
        Assert.Equal(VirtualAndProfiling, TimersImage.ReadExpired(_temp.Path, Process));
        Write(Timer(runs: false), alarm: 0);
        Assert.Equal(VirtualAndProfiling | Alarm | Usr1, TimersImage.ReadExpired(_temp.Path, Process));
    }

    [Fact]
    public void Process_without_an_image_has_no_timers() => Assert.Equal(0UL, TimersImage.ReadExpired(_temp.Path, Process));

    [Theory]
    [InlineData(0L, 7L)]
    [InlineData(-1667546416L, 7L)]
    [InlineData(TimersImage.LastThread + 1, 7L)]
    [InlineData(8L, 8L)]
    public void Thread_that_can_not_be_becomes_the_first_one(long written, long expected)
    {
        Write(Timer(runs: true).With("it_sigev_notify", 4).With("notify_thread_id", (ulong)written), alarm: 0);
        TimersImage.CorrectThreads(_temp.Path);
        var timers = LocalImageFile.TryReadFirst(Image, Kind)!.Value.Child("tc")!.Value.Child("timers")!.Value;
        Assert.Equal(expected, Assert.Single(timers.Children("posix")).Signed("notify_thread_id"));
    }

    private static ImageRecord Timer(bool runs) =>
        MinimalRecord.Of("posix_timer_entry").With("si_signo", 10).With("vnsec", runs ? 1UL : 0);

    private void Write(ImageRecord timer, ulong alarm)
    {
        var real = MinimalRecord.Of("itimer_entry").With("vusec", alarm);
        var timers = MinimalRecord.Of("task_timers_entry").With("real", real).WithChildren("posix", [timer]);
        var task = MinimalRecord.Of("task_core_entry").With("timers", timers);
        LocalImageFile.Write(Image, Kind, MinimalRecord.Of("core_entry").With("tc", task));
    }
}
