using Stasis.Engine.Archive;

namespace Stasis.Engine.LazyPages.Server;

/// <summary>An archive that memory pages are read from while containers run.</summary>
internal interface IPagesArchive : IDisposable
{
    /// <summary>Its entries.</summary>
    RandomAccessArchive Index { get; }

    /// <summary>Whether somebody waits until it isn't read any more.</summary>
    bool IsWanted { get; }

    /// <summary>Whether containers run that wait for it: what can't be read is tried again for longer.</summary>
    bool IsAwaited { set; }

    /// <summary>Nothing more is wanted of it: reads that wait fail.</summary>
    void Cancel();

    /// <summary>All of it was read. Null if that was what its digest was computed of.</summary>
    Exception? Confirm();
}
