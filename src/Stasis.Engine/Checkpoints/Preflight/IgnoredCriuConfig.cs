using Stasis.Engine.Containers;
using Stasis.Engine.Criu;

namespace Stasis.Engine.Checkpoints.Preflight;

/// <summary>Warns about files with options for CRIU that have no effect on a container.</summary>
internal static class IgnoredCriuConfig
{
    /// <summary>Warns, once for each file.</summary>
    public static void Warn(LockedContainer locked)
    {
        if (!CriuConfig.IsUsed(locked.Container.Spec))
            return;
        foreach (var (path, problem, remedy) in HostCriuConfig.Describe())
            locked.Engine.Warn($"{path}: {problem}; {remedy}");
    }
}
