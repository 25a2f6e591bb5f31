namespace Stasis.Engine.LazyPages;

/// <summary>The folder of the page server of one checkpoint, under the run root.</summary>
internal readonly record struct PageServerFolder(string Path)
{
    /// <summary>The socket that restores connect to.</summary>
    public string Control => System.IO.Path.Combine(Path, "control");

    /// <summary>
    /// Lock that a restore holds while it connects, and a server while it ends: so that no restore connects to a server that is
    /// ending.
    /// </summary>
    public string Lock => System.IO.Path.Combine(Path, "lock");

    /// <summary>The server's standard error.</summary>
    public string Log => System.IO.Path.Combine(Path, "log");
}
