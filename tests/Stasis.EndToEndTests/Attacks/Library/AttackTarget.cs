namespace Stasis.EndToEndTests.Attacks;

/// <summary>What of the host attacks are aimed at. All of it was made by the test.</summary>
/// <param name="Folder">A folder, with the canary folder in it, that symbolic links of an archive lead to.</param>
/// <param name="Cgroup">Name of a cgroup in each hierarchy.</param>
/// <param name="NewCgroup">Name of a cgroup that doesn't exist.</param>
internal sealed record AttackTarget(string Folder, string Cgroup, string NewCgroup)
{
    /// <summary>
    /// The canary folder. It has a file `file`, a file `victim`, and folders.
    /// </summary>
    public string Canary => Path.Combine(Folder, "canary");
}
