using System.Globalization;
using Stasis.Engine.Criu.Images;

namespace Stasis.Engine.Vetting.Images;

/// <summary>A process in the images' tree.</summary>
/// <param name="Pid">Within the container.</param>
/// <param name="Threads">All its threads, the first one too.</param>
internal sealed record TaskNode(uint Pid, uint Parent, IReadOnlyList<uint> Threads)
{
    /// <summary>Whether it lives; else it has neither memory nor files.</summary>
    public bool Alive { get; set; } = true;

    /// <summary>Its descriptor table.</summary>
    public uint Files { get; set; }

    public string Core => ImageKind.Get("core-").File(Pid);

    public string Memory => ImageKind.Get("mm-").File(Pid);

    public override string ToString() => Pid.ToString(CultureInfo.InvariantCulture);
}
