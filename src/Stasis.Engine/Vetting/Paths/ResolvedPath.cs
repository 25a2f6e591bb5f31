using Stasis.Engine.Vetting.Images;
using Stasis.Linux.Files;

namespace Stasis.Engine.Vetting.Paths;

/// <summary>Where a path leads once symbolic links are followed.</summary>
/// <param name="Path">The path without symbolic links, as far as it is there.</param>
/// <param name="Mount">The mount that it lies in; null if there is none.</param>
/// <param name="Status">The file's status; null if it isn't there, or if it can't be known before CRIU runs.</param>
/// <param name="Wrong">Why CRIU must not follow it; null if it may.</param>
internal sealed record ResolvedPath(string Path, MountNode? Mount, FileStatus? Status, string? Wrong)
{
    /// <summary>Whether every part of it is there, or can't be known.</summary>
    public bool IsThere { get; init; }
}
