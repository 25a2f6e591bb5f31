using Stasis.Engine.Criu.Images;
using Stasis.Engine.Vetting.Findings;
using Stasis.Engine.Vetting.Images.Files;
using Stasis.Engine.Vetting.Images.Namespaces;
using Stasis.Engine.Vetting.Images.Tasks;

namespace Stasis.Engine.Vetting.Images;

/// <summary>One look through a checkpoint's images: what the spec allows, what the images hold, and what is wrong between them. Rules share it, and add to its findings.</summary>
internal sealed class ImageVerification(ImageDirectory images, SpecLimits allowed)
{
    // Past these, a hostile archive would only fill the screen.
    private const int MostFindings = 500, LongestValue = 200;

    private readonly HashSet<Finding> _seen = [];
    private readonly List<Finding> _findings = [];

    /// <summary>CRIU's images.</summary>
    public ImageDirectory Images => images;

    /// <summary>What the container's spec allows.</summary>
    public SpecLimits Allowed => allowed;

    /// <summary>Its processes; none before <see cref="ProcessTreeImageRule"/>.</summary>
    public IReadOnlyList<TaskNode> Tasks { get; set; } = [];

    /// <summary>Process and thread IDs within the container.</summary>
    public HashSet<uint> Ids { get; } = [];

    /// <summary>The namespaces that CRIU was in when it dumped: the host's.</summary>
    public ImageRecord? HostNamespaces { get; set; }

    /// <summary>The namespaces of the first process.</summary>
    public ImageRecord? Namespaces { get; set; }

    /// <summary>Mounts of all mount namespaces in the images, by their IDs; none before <see cref="MountImageRule"/>.</summary>
    public Dictionary<uint, MountNode> Mounts { get; } = [];

    /// <summary>There are mounts that show the container's cgroups only from within a cgroup namespace.</summary>
    public bool NeedsCgroupNamespace { get; set; }

    /// <summary>What processes have open, by ID; none before <see cref="FileImageRule"/>.</summary>
    public Dictionary<uint, OpenFile> Files { get; } = [];

    /// <summary>What was found so far.</summary>
    public IReadOnlyList<Finding> Findings => _findings;

    /// <summary>Something that no container's checkpoint has, unless <paramref name="allow"/> is allowed.</summary>
    public void Refuse(string rule, string where, string value, string message, string? allow = null) => Add(rule, Severity.Refused, where, value, message, allow);

    /// <summary>Something out of the ordinary that stays within the container.</summary>
    public void Warn(string rule, string where, string value, string message) => Add(rule, Severity.Warning, where, value, message, null);

    /// <summary>Does a part of the work; an image that can't be read is a finding, and ends that part.</summary>
    public void Try(Action<ImageVerification> part)
    {
        try
        {
            part(this);
        }
        catch (ImageException e)
        {
            Refuse(e.UnknownField ? "image-field" : "image-format", e.Where, e.Value, e.Why);
        }
    }

    private void Add(string rule, Severity severity, string where, string value, string message, string? allow)
    {
        var finding = new Finding(rule, severity, where, value.Length > LongestValue ? value[..LongestValue] + "…" : value, message, allow);
        if (_findings.Count < MostFindings && _seen.Add(finding))
            _findings.Add(finding);
    }
}
