namespace Stasis.Bench;

/// <summary>The machine's free memory.</summary>
internal static class Memory
{
    private const int MiB = 1 << 20;

    // Three times what the largest container has: its dump, its archive, and what else is held meanwhile.
    private const int Touched = 3 * 1024;

    /// <summary>
    /// Touches 3 GiB of free memory and gives them back, so that what is measured next finds them in place. A virtual machine may have told
    /// its hypervisor which pages are free (<c>/sys/module/page_reporting</c>); each then costs microseconds when it is touched again, as
    /// many for one tool as for the other, but not in each turn: this keeps it out of both. It doesn't last, so it is done right before
    /// each measurement.
    /// </summary>
    public static async Task TouchAsync()
    {
        var (block, path) = (new byte[MiB], Path.Combine("/dev/shm", $"stasis-bench-{Environment.ProcessId}"));
        await using var file =
            new FileStream(path, new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, BufferSize = 0 });
        // At once, so that an interrupted run leaves nothing there.
        File.Delete(path);
        for (var written = 0; written < Touched; written++)
            await file.WriteAsync(block);
    }
}
