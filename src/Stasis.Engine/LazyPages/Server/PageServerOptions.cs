namespace Stasis.Engine.LazyPages.Server;

/// <summary>What a page server serves, and what it calls.</summary>
internal sealed record PageServerOptions
{
    /// <summary>CRIU's images of the checkpoint.</summary>
    public required string Images { get; init; }

    /// <summary>The server's own folder: control socket, lock, log.</summary>
    public required PageServerFolder Folder { get; init; }

    /// <summary>Path of the <see cref="Server.FaultHistory"/>. If there is no such file, no history is kept.</summary>
    public required string FaultHistory { get; init; }

    /// <summary>Opens the backfill of a checkpoint whose pages are still in its archive; null if the checkpoint is complete.</summary>
    public Func<ArchivePagesReader>? OpenBackfill { get; init; }

    /// <summary>Called when the backfill has read all pages.</summary>
    public Action OnBackfilled { get; init; } = static () => { };

    /// <summary>How many threads supply the pages that no thread waits for.</summary>
    public int Threads { get; init; } = Math.Clamp(Environment.ProcessorCount, 1, 4);

    /// <summary>
    /// Program and arguments that are run if the server dies with pages outstanding: kills the containers, whose memory would be zero
    /// otherwise.
    /// </summary>
    public required IReadOnlyList<string> KillOrphansCommand { get; init; }

    /// <summary>Kills a container whose memory can't be supplied. Arguments: container ID, reason.</summary>
    public required Func<string, string, Task> OnLost { get; init; }

    /// <summary>Called when all memory of a container is there. Argument: container ID.</summary>
    public required Func<string, Task> OnComplete { get; init; }
}
