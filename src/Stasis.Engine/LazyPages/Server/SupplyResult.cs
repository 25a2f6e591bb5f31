namespace Stasis.Engine.LazyPages.Server;

/// <summary>The outcome of an attempt to supply pages.</summary>
internal enum SupplyResult
{
    /// <summary>The pages are in the process's memory.</summary>
    Done,
    /// <summary>The kernel supplies nothing before a pending event has been taken: try again.</summary>
    Busy,
    /// <summary>The process has ended.</summary>
    Gone,
}
