using Stasis.Engine.Criu;
using Stasis.Engine.Criu.Images;
using Xunit;

namespace Stasis.UnitTests.Criu;

public sealed class CoreImageTests : IDisposable
{
    private const ulong Eintr = unchecked((ulong)-4), Eagain = unchecked((ulong)-11), NoCall = unchecked((ulong)-1);
    private static readonly ImageKind Kind = ImageKind.Get("core-");

    private readonly TempDirectory _temp = new();

    private string Image => Path.Combine(_temp.Path, Kind.File(7));

    public void Dispose() => _temp.Dispose();

    [Theory]
    [InlineData(7)] // poll
    [InlineData(35)] // nanosleep
    [InlineData(202)] // futex
    [InlineData(230)] // clock_nanosleep
    public void A_wait_that_failed_with_EINTR_is_made_again(ulong call)
    {
        Write(ax: Eintr, call);
        CoreImage.RestartInterruptedCalls(_temp.Path);
        CoreImage.RestartInterruptedCalls(_temp.Path);
        Assert.Equal((call, 0x400ffeUL), Read());
    }

    [Theory]
    [InlineData(Eintr, 0)] // read
    [InlineData(Eagain, 202)]
    [InlineData(0, 7)]
    [InlineData(Eintr, NoCall)]
    public void Other_results_stay(ulong ax, ulong call)
    {
        Write(ax, call);
        var before = File.ReadAllBytes(Image);
        CoreImage.RestartInterruptedCalls(_temp.Path);
        Assert.Equal(before, File.ReadAllBytes(Image));
    }

    [Fact]
    public void Other_machines_registers_stay()
    {
        LocalImageFile.Write(Image, Kind, MinimalRecord.Of("core_entry").With("mtype", 2));
        var before = File.ReadAllBytes(Image);
        CoreImage.RestartInterruptedCalls(_temp.Path);
        Assert.Equal(before, File.ReadAllBytes(Image));
    }

    private void Write(ulong ax, ulong call)
    {
        var registers = MinimalRecord.Of("user_x86_regs_entry").With("ax", ax).With("orig_ax", call).With("ip", 0x401000);
        var thread = MinimalRecord.Of("thread_info_x86").With("gpregs", registers);
        LocalImageFile.Write(Image, Kind, MinimalRecord.Of("core_entry").With("mtype", 1).With("thread_info", thread));
    }

    private (ulong Ax, ulong Ip) Read()
    {
        var registers = LocalImageFile.TryReadFirst(Image, Kind)!.Value.Child("thread_info")!.Value.Child("gpregs")!.Value;
        return (registers.Number("ax"), registers.Number("ip"));
    }
}
