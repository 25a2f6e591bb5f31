using Microsoft.Win32.SafeHandles;
using Stasis.Engine.Errors;
using Stasis.Engine.Model;
using Stasis.Engine.Storage;
using Stasis.Linux.Files;

namespace Stasis.Engine.Criu;

/// <summary>
/// Makes the CRIU of the next dump wait: after the runtime and CRIU have come up, and before CRIU has looked at a process. CRIU
/// reads its configuration file then, and that file is a FIFO. So the container needn't be frozen while they come up. Dispose
/// only when CRIU goes on or is dead: closing the FIFO lets it go on.
/// </summary>
internal sealed class CriuStartGate : IDisposable
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(1);

    private readonly ContainerLayout _paths;
    private SafeFileHandle? _criu;

    /// <summary>Creates the FIFO in place of the container's configuration file.</summary>
    public CriuStartGate(ContainerLayout paths)
    {
        _paths = paths;
        Fifo.Replace(paths.CriuConfig);
    }

    /// <summary>
    /// Whether the FIFO is there and no CRIU has come to it. A CRIU that is on its way has touched nothing, and would wait for
    /// good if stasis was killed.
    /// </summary>
    public static bool IsPending(ContainerLayout paths) => Fifo.Exists(paths.CriuConfig);

    /// <summary>Waits until CRIU opens the FIFO, calls <paramref name="act"/>, and then lets CRIU read its options and go on.</summary>
    /// <param name="runtime">The runtime that starts CRIU.</param>
    /// <param name="act">Called while CRIU waits.</param>
    /// <param name="options">Lines of the configuration.</param>
    /// <exception cref="StasisException">The runtime ended without CRIU having opened the FIFO.</exception>
    public async Task ReleaseAsync(Task runtime, Func<Task> act, IReadOnlyList<string> options)
    {
        while ((_criu = Fifo.TryOpenWriter(_paths.CriuConfig)) is null)
        {
            if (runtime.IsCompleted)
            {
                await runtime;
                throw new StasisException("CRIU dumped the container without reading its configuration file")
                {
                    Remedy = $"use a runtime that passes the file of the annotation {Annotations.CriuConfig} to CRIU",
                };
            }
            await Task.Delay(Interval);
        }
        // A regular file replaces the FIFO: from here on CRIU goes on even if this process dies, and some CRIUs read their
        // configuration twice.
        CriuConfig.Write(_paths, options);
        await act();
        try
        {
            using var configuration = new FileStream(_criu, FileAccess.Write, bufferSize: 0);
            configuration.Write(CriuConfig.Text(options));
        }
        catch (IOException)
        {
            // CRIU is dead; the runtime reports that.
        }
    }

    public void Dispose() => _criu?.Dispose();
}
