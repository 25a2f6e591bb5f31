namespace Stasis.Engine.Common;

/// <summary>This run of the machine.</summary>
internal static class BootId
{
    /// <summary>Its ID, which no other has.</summary>
    public static string Id { get; } = File.ReadAllText("/proc/sys/kernel/random/boot_id").Trim();
}
