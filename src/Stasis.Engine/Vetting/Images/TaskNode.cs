using System.Globalization;
using Stasis.Engine.Criu.Images;

namespace Stasis.Engine.Vetting.Images;

/// <summary>A process in the images' tree.</summary>
/// <param name="Pid">The process's ID within the container.</param>
/// <param name="Parent">The parent's ID; 0 for the first process.</param>
/// <param name="Threads">IDs of all threads, including the first one.</param>
internal sealed record TaskNode(uint Pid, uint Parent, IReadOnlyList<uint> Threads)
{
    /// <summary>Whether the process is alive. A dead process has neither memory nor files.</summary>
    public bool Alive { get; set; } = true;

    /// <summary>The ID of the process's descriptor table.</summary>
    public uint Files { get; set; }

    public string Core => ImageKind.Get("core-").File(Pid);

    public string Memory => ImageKind.Get("mm-").File(Pid);

    public override string ToString() => Pid.ToString(CultureInfo.InvariantCulture);
}
