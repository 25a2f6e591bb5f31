namespace Stasis.Engine.LazyPages.Server;

/// <summary>How far a <see cref="LazyRestoreSession"/> has come.</summary>
internal enum SessionState
{
    /// <summary>A restore has asked. CRIU hasn't connected yet.</summary>
    WaitingForCriu,
    /// <summary>CRIU restores the tasks, and sends a userfaultfd for each.</summary>
    Restoring,
    /// <summary>The tasks run. Their pages are supplied until none is outstanding.</summary>
    Supplying,
    /// <summary>Pages can't be supplied. The descriptors stay open until the container has been killed.</summary>
    Failed,
    /// <summary>The descriptors are closed.</summary>
    Closed,
}
