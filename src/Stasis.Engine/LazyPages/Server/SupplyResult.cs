namespace Stasis.Engine.LazyPages.Server;

/// <summary>How an attempt to supply pages ended.</summary>
internal enum SupplyResult
{
    /// <summary>They are there.</summary>
    Done,
    /// <summary>An event has to be taken first.</summary>
    Busy,
    /// <summary>The process is gone.</summary>
    Gone,
}
