using Stasis.Engine.Criu;
using Stasis.Engine.Storage;

namespace Stasis.Engine.Oci;

internal sealed partial class Runtime
{
    /// <summary>Dumps the processes: runs the runtime's checkpoint verb, which runs CRIU.</summary>
    /// <param name="id">The container.</param>
    /// <param name="request">Folders and options.</param>
    /// <param name="cancellation">
    /// A cancelled call kills the runtime and CRIU, whose parasite leaves the processes when its socket closes. The caller must
    /// see whether the processes are still frozen.
    /// </param>
    public async Task CheckpointAsync(string id, DumpRequest request, CancellationToken cancellation)
    {
        RequireCriu();
        var paths = _layout.Container(id);
        // Coming up takes the runtime and CRIU some 80 ms, in which the container needn't be frozen if CRIU then waits at its
        // configuration file. How crun has CRIU read that file isn't known well enough.
        var criuWaits = request is { Freeze: not null, ReadsCriuConfig: true } && Name.StartsWith("runc", StringComparison.Ordinal);
        using var fifo = criuWaits ? new CriuStartGate(paths) : null;
        if (!criuWaits)
        {
            if (request.Freeze is not null)
                await request.Freeze();
            // Replaces the options of the last restore, which a dump must not see.
            CriuConfig.Write(paths, request.CriuConfig);
        }
        string[] verb = ["checkpoint", "--image-path", request.Images, "--work-path", request.Work, .. request.Flags, id];
        await CriuWatchdog.GuardAsync(this, id, DumpAsync, cancellation);

        async Task<string> DumpAsync(CancellationToken cancelled)
        {
            using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancelled);
            var log = ContainerLayout.GetDumpLog(request.Work);
            var dump = RunAsync(id, null, verb, () => CriuLog.Quote(log), stop.Token, paths.RunDirectory);
            try
            {
                if (fifo is not null)
                    await fifo.ReleaseAsync(dump, request.Freeze!, request.CriuConfig);
            }
            catch
            {
                await stop.CancelAsync();
                // The cancelled dump adds nothing to the exception that is on its way.
                await dump.ContinueWith(_ => { }, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
                throw;
            }
            try
            {
                return await dump;
            }
            finally
            {
                Log.Criu.Forward(log);
            }
        }
    }
}
