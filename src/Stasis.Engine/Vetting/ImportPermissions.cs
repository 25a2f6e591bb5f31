using Stasis.Engine.Errors;
using Stasis.Engine.Vetting.Findings;

namespace Stasis.Engine.Vetting;

/// <summary>What one restore allows: the values of <c>--allow</c>, and the site's policy file, which is read once.</summary>
internal sealed class ImportPermissions
{
    private readonly AllowList _given;
    private readonly AllowList _site;

    private ImportPermissions(
        PolicyFile file,
        string path,
        AllowList given,
        AllowList site,
        IReadOnlyList<string> values) => (File, Path, _given, _site, Values) = (file, path, given, site, values);

    /// <summary>The policy file's content; empty if there is no policy file.</summary>
    public PolicyFile File { get; }

    /// <summary>The policy file's path. There need not be a file at the default path.</summary>
    public string Path { get; }

    /// <summary>Parses the values of <c>--allow</c> and reads the policy file.</summary>
    /// <param name="allow">Values of <c>--allow</c>.</param>
    /// <param name="path">The policy file, or null for the default one, which need not exist.</param>
    /// <exception cref="StasisException">A value or the policy file is malformed, or the named file can't be read.</exception>
    public static ImportPermissions Load(IReadOnlyList<string> allow, string? path)
    {
        var given = new AllowList(allow, "--allow");
        var file = PolicyFile.Load(path);
        path ??= PolicyFile.DefaultPath;
        return new ImportPermissions(file, path, given, file.AllowList(path), [.. allow, .. file.Allow ?? []]);
    }

    /// <summary>All values that allow something, the policy file's too.</summary>
    public IReadOnlyList<string> Values { get; }

    /// <summary>Whether <c>--allow</c> or the policy file allows a finding.</summary>
    public bool Permits(Finding finding) => _given.Permits(finding) || _site.Permits(finding);
}
