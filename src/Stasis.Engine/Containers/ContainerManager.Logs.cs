using System.Runtime.CompilerServices;
using Stasis.Engine.Containers.Files;

namespace Stasis.Engine.Containers;

public sealed partial class ContainerManager
{
    // inotify in place of this poll would cost a thread and three system calls a line; people don't notice 50 ms.
    private static readonly TimeSpan FollowInterval = TimeSpan.FromMilliseconds(50);

    /// <summary>
    /// Reads the output of a container. With <see cref="LogOptions.Follow"/> it ends when the container has ended and all lines
    /// are read.
    /// </summary>
    public async IAsyncEnumerable<LogLine> LogsAsync(
        string nameOrId, LogOptions options, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var id = _engine.ContainerStore.Get(nameOrId).Id;
        var paths = _engine.Layout.Container(id);
        // Checked before reading: all that the container wrote before its end is in the file by then.
        var alive = IsAlive(id);
        while (options.Follow && alive && !File.Exists(paths.Log))
        {
            await Task.Delay(FollowInterval, cancellationToken);
            alive = IsAlive(id);
        }
        if (!File.Exists(paths.Log))
            yield break;
        using var reader = LogReader.Open(paths.Log, options.Tail, options.Follow);
        while (true)
        {
            while (reader.Read() is { } line)
            {
                if (line.Time > options.Until)
                    yield break;
                if (options.Since is null || line.Time >= options.Since)
                    yield return line;
            }
            if (!options.Follow || !alive || DateTimeOffset.UtcNow > options.Until)
                yield break;
            await Task.Delay(FollowInterval, cancellationToken);
            alive = IsAlive(id);
        }
    }

    private bool IsAlive(string id) =>
        _engine.ContainerStore.FindById(id) is { } container && WithCurrentState(container).State.IsAlive;
}
