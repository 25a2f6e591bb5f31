using Microsoft.Win32.SafeHandles;
using Stasis.Engine.Errors;
using Stasis.Engine.Storage;
using Stasis.Linux.Files;

namespace Stasis.Engine.Criu;

/// <summary>
/// Has a CRIU wait that is started for a dump: after the runtime and it have come up, and before it has looked at a process. Its configuration file, which it reads
/// then, is a FIFO. So a container needn't stand still while they come up. Disposed only when CRIU goes on or is dead: the FIFO's end lets it go on.
/// </summary>
internal sealed class CriuConfigFifo : IDisposable
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(1);

    private readonly ContainerLayout _paths;
    private SafeFileHandle? _criu;

    /// <summary>The next CRIU of that container waits.</summary>
    public CriuConfigFifo(ContainerLayout paths)
    {
        _paths = paths;
        Fifo.Replace(paths.CriuConfig);
    }

    /// <summary>No CRIU has come to it since it was closed: one that is on its way has touched nothing, and would wait for good if stasis was killed.</summary>
    public static bool IsClosed(ContainerLayout paths) => Fifo.Exists(paths.CriuConfig);

    /// <summary>Waits for it, does something, and lets it go on.</summary>
    /// <param name="runtime">The runtime that starts it.</param>
    /// <param name="act">What is done.</param>
    /// <param name="options">What its configuration says.</param>
    /// <exception cref="StasisException">The runtime ended, and CRIU hadn't come to it.</exception>
    public async Task PassAsync(Task runtime, Func<Task> act, IReadOnlyList<string> options)
    {
        while ((_criu = Fifo.TryOpenWriter(_paths.CriuConfig)) is null)
        {
            if (runtime.IsCompleted)
            {
                await runtime;
                throw new StasisException("the runtime had CRIU dump the container without its configuration");
            }
            await Task.Delay(Interval);
        }
        // From here on, whatever becomes of this process, CRIU goes on; and some read their configuration twice.
        CriuConfig.Write(_paths, options);
        await act();
        try
        {
            using var configuration = new FileStream(_criu, FileAccess.Write, bufferSize: 0);
            configuration.Write(CriuConfig.Text(options));
        }
        catch (IOException)
        {
            // CRIU is dead, which the runtime will say.
        }
    }

    public void Dispose() => _criu?.Dispose();
}
