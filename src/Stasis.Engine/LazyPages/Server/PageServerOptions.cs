namespace Stasis.Engine.LazyPages.Server;

/// <summary>What a page server works with.</summary>
internal sealed record PageServerOptions
{
    /// <summary>CRIU's images of the checkpoint.</summary>
    public required string Images { get; init; }

    /// <summary>Its own folder: control socket, lock.</summary>
    public required PageServerFolder Folder { get; init; }

    /// <summary>Where the order of first touches is kept, if the file is there.</summary>
    public required string Order { get; init; }

    /// <summary>Opens what reads the files of pages out of an archive, where they aren't all there.</summary>
    public Func<PagesBackfill>? OpenFill { get; init; }

    /// <summary>Told that they are.</summary>
    public Action OnBackfilled { get; init; } = static () => { };

    /// <summary>Threads that supply what nobody waits for.</summary>
    public int Threads { get; init; } = Math.Clamp(Environment.ProcessorCount, 1, 4);

    /// <summary>Program and arguments that are run when the server has ended with pages outstanding: it ends the containers, whose memory would be zero otherwise.</summary>
    public required IReadOnlyList<string> KillOrphansCommand { get; init; }

    /// <summary>Ends a container whose memory can't be supplied, for a reason.</summary>
    public required Func<string, string, Task> OnLost { get; init; }

    /// <summary>Told that all memory of a container is there.</summary>
    public required Func<string, Task> OnComplete { get; init; }
}
