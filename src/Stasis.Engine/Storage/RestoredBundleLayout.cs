namespace Stasis.Engine.Storage;

/// <summary>The files of the record of a container that was restored into another engine's bundle.</summary>
/// <param name="Folder">The record's folder, which goes with the container.</param>
internal readonly record struct RestoredBundleLayout(string Folder)
{
    /// <summary>The folders of its cgroups, a line each.</summary>
    public string Cgroups => Path.Combine(Folder, "cgroups");

    /// <summary>How far its memory is there, as long as it is supplied on demand.</summary>
    public string LazyPages => Path.Combine(Folder, "lazy-pages.json");

    /// <summary>Why its memory couldn't be supplied, and it was killed.</summary>
    public string LostPages => Path.Combine(Folder, "lost-pages");

    /// <summary>The socket on which CRIU asks for memory that is supplied on demand.</summary>
    public string LazyPagesSocket => Path.Combine(Folder, "lazy-pages.socket");

    /// <summary>Reads the folders of its cgroups; none if it has no record of them.</summary>
    public string[] ReadCgroups() => File.Exists(Cgroups) ? File.ReadAllLines(Cgroups) : [];
}
