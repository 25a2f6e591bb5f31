namespace Stasis.Engine.LazyPages;

/// <summary>The folder of the page server of one checkpoint, under the run root.</summary>
internal readonly record struct PageServerFolder(string Path)
{
    /// <summary>Where restores connect.</summary>
    public string Control => System.IO.Path.Combine(Path, "control");

    /// <summary>Held by who connects, and by a server that decides to end: so nobody connects to one that is ending.</summary>
    public string Lock => System.IO.Path.Combine(Path, "lock");

    /// <summary>What the server says of failures of its own.</summary>
    public string Log => System.IO.Path.Combine(Path, "log");
}
