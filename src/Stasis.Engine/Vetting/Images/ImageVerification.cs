using Stasis.Engine.Criu.Images;
using Stasis.Engine.Vetting.Findings;
using Stasis.Engine.Vetting.Images.Files;
using Stasis.Engine.Vetting.Images.Namespaces;
using Stasis.Engine.Vetting.Images.Tasks;

namespace Stasis.Engine.Vetting.Images;

/// <summary>
/// One verification of a checkpoint's images: what the spec allows, what the images contain, and the findings
/// so far. All checks share it.
/// </summary>
internal sealed class ImageVerification(ImageDirectory images, SpecAllowances allowed)
{
    // Beyond these, a hostile archive would only fill the screen.
    private const int MaxFindings = 500, MaxValueLength = 200;

    private readonly HashSet<Finding> _seen = [];
    private readonly List<Finding> _findings = [];
    private RemapTable? _remaps;

    /// <summary>CRIU's images.</summary>
    public ImageDirectory Images => images;

    /// <summary>What the container's spec allows.</summary>
    public SpecAllowances Allowed => allowed;

    /// <summary>The processes; <see cref="ProcessTreeImageRule"/> fills them in.</summary>
    public IReadOnlyList<TaskNode> Tasks { get; set; } = [];

    /// <summary>IDs of all processes and threads within the container.</summary>
    public HashSet<uint> Ids { get; } = [];

    /// <summary>The namespaces that CRIU ran in when it dumped: the host's.</summary>
    public ImageRecord? HostNamespaces { get; set; }

    /// <summary>The namespaces of the first process.</summary>
    public ImageRecord? Namespaces { get; set; }

    /// <summary>Mounts of all mount namespaces, by ID; <see cref="MountTreeImageRule"/> fills them in.</summary>
    public Dictionary<uint, MountNode> Mounts { get; } = [];

    /// <summary>Whether there are mounts that show the container's cgroups only from within a cgroup namespace.</summary>
    public bool NeedsCgroupNamespace { get; set; }

    /// <summary>Open files, by ID; <see cref="OpenFileImageRule"/> fills them in.</summary>
    public Dictionary<uint, OpenFile> Files { get; } = [];

    /// <summary>The paths that CRIU will resolve; checks of files, sockets, watches and mounts add to them.</summary>
    public ImagePathList Paths { get; } = new(images);

    /// <summary>Where the spec lets the container write.</summary>
    public SpecWriteAccess SpecWriteAccess { get; } = new(allowed.Spec);

    /// <summary>Which open files were deleted.</summary>
    public RemapTable Remaps => _remaps ??= RemapTable.Read(images);

    /// <summary>
    /// Open files that only one process may have, with its ID: what the kernel shows in /proc of a process to none but itself.
    /// </summary>
    public Dictionary<uint, uint> PrivateFiles { get; } = [];

    /// <summary>Open files in the kernel's own file systems.</summary>
    public HashSet<uint> KernelFiles { get; } = [];

    /// <summary>Open files that are a mount namespace's root directory.</summary>
    public HashSet<uint> RootDirectories { get; } = [];

    /// <summary>The findings so far, in the order in which they were made.</summary>
    public IReadOnlyList<Finding> Findings => _findings;

    /// <summary>
    /// Adds something that no container's checkpoint has. It is refused; if <paramref name="exact"/> is
    /// given, <c>--allow NAME:EXACT</c> allows it.
    /// </summary>
    public void Refuse(RuleDescriptor rule, string where, string value, string message, string? exact = null) =>
        Add(rule, Severity.Refused, where, value, message, exact is null ? null : $"{rule.AllowName}:{exact}");

    /// <summary>Adds a warning: something out of the ordinary that stays within the container.</summary>
    public void Warn(RuleDescriptor rule, string where, string value, string message) =>
        Add(rule, Severity.Warning, where, value, message, null);

    /// <summary>Runs a part of the verification. An image that can't be read is a finding, and ends the part.</summary>
    public void Try(Action<ImageVerification> part)
    {
        try
        {
            part(this);
        }
        catch (ImageException e)
        {
            Refuse(e.UnknownField ? WellFormedImageRule.UnknownFieldRule : WellFormedImageRule.FormatRule, e.Where, e.Value, e.Why);
        }
    }

    private void Add(RuleDescriptor rule, Severity severity, string where, string value, string message, string? allow)
    {
        var finding =
            new Finding(rule.Id, severity, where, value.Length > MaxValueLength ? value[..MaxValueLength] + "…" : value, message, allow);
        if (_findings.Count < MaxFindings && _seen.Add(finding))
            _findings.Add(finding);
    }
}
