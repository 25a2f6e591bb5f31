using Microsoft.Win32.SafeHandles;
using Stasis.Engine.Errors;
using Stasis.Engine.Storage;
using Stasis.Linux.Files;

namespace Stasis.Engine.Criu;

/// <summary>
/// Makes a CRIU that is started for a dump wait before it looks at any process: its configuration file is a FIFO. So a container needn't be
/// frozen while the runtime and CRIU start. Dispose only when CRIU continues or is dead: closing the FIFO lets it continue.
/// </summary>
internal sealed class CriuConfigFifo : IDisposable
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(1);

    private readonly ContainerLayout _paths;
    private SafeFileHandle? _criu;

    /// <summary>Makes the FIFO: the next CRIU of that container will wait.</summary>
    public CriuConfigFifo(ContainerLayout paths)
    {
        _paths = paths;
        Fifo.Replace(paths.CriuConfig);
    }

    /// <summary>
    /// Whether the FIFO still stands in place of the file: no CRIU has touched the container, and one that starts would wait
    /// forever.
    /// </summary>
    public static bool IsPending(ContainerLayout paths) => Fifo.Exists(paths.CriuConfig);

    /// <summary>Waits until CRIU opens the FIFO, runs an action, then sends CRIU its configuration.</summary>
    /// <param name="runtime">The runtime that starts CRIU.</param>
    /// <param name="act">The action.</param>
    /// <param name="options">CRIU's options.</param>
    /// <exception cref="StasisException">The runtime ended, and CRIU hadn't opened the FIFO.</exception>
    public async Task ReleaseAsync(Task runtime, Func<Task> act, IReadOnlyList<string> options)
    {
        while ((_criu = Fifo.TryOpenWriter(_paths.CriuConfig)) is null)
        {
            if (runtime.IsCompleted)
            {
                await runtime;
                throw new StasisException("CRIU dumped the container without reading its configuration file")
                {
                    Remedy = $"use a runtime that passes the file of the annotation {CriuConfig.Annotation} to CRIU",
                };
            }
            await Task.Delay(Interval);
        }
        // A regular file again: CRIU continues even if this process dies now, and some versions read their configuration twice.
        CriuConfig.Write(_paths, options);
        await act();
        try
        {
            using var configuration = new FileStream(_criu, FileAccess.Write, bufferSize: 0);
            configuration.Write(CriuConfig.Text(options));
        }
        catch (IOException)
        {
            // CRIU is dead: the runtime reports that.
        }
    }

    public void Dispose() => _criu?.Dispose();
}
