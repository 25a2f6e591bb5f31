using Stasis.Engine.Checkpoints;
using Stasis.Engine.Errors;

namespace Stasis.Engine.Vetting.Policy;

/// <summary>
/// What an archive may ask for, as it was read at the beginning: what the user allows this time, and the site's policy file.
/// </summary>
internal sealed class ImportPolicy
{
    private readonly AllowList _given;
    private readonly AllowList _site;

    private ImportPolicy(AllowList given, PolicyFile file, string path) =>
        (_given, File, Path, _site) = (given, file, path, file.AllowList(path));

    /// <summary>The policy file; empty if there is none.</summary>
    public PolicyFile File { get; }

    /// <summary>Path of the policy file.</summary>
    public string Path { get; }

    /// <summary>Reads what is allowed, and the policy file.</summary>
    /// <exception cref="StasisException">A value isn't RULE:VALUE, or the policy file can't be read or isn't one.</exception>
    public static ImportPolicy Load(ArchiveTrustOptions trust) =>
        new(new AllowList(trust.Allow, "--allow"), PolicyFile.Load(trust.Policy), trust.Policy ?? PolicyFile.DefaultPath);

    /// <summary>Whether it permits what was found.</summary>
    public bool Permits(Finding finding) => _given.Permits(finding) || _site.Permits(finding);
}
