namespace Stasis.Engine.Checkpoints.Preflight;

/// <summary>The form of a device number in /proc/PID/mountinfo: MAJOR:MINOR.</summary>
internal static class DeviceNumberText
{
    /// <summary>Formats a dev_t of stat(2) (sys/sysmacros.h).</summary>
    public static string Format(ulong device) => FormattableString.Invariant(
        $"{(device >> 8 & 0xfff) | (device >> 32 & 0xfffff000)}:{(device & 0xff) | (device >> 12 & 0xffffff00)}");
}
