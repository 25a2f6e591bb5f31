using System.Globalization;

namespace Stasis.Engine.Checkpoints.Preflight.Checks;

/// <summary>
/// Open devices. CRIU takes memory devices such as /dev/null, terminals, /dev/net/tun and /dev/autofs (CRIU 4.2, criu/files.c: dump_chrdev;
/// criu/tty.c: get_tty_driver), and others with a plug-in, of which there are those for graphics cards.
/// </summary>
internal static class DeviceCheck
{
    private const string Kind = "device";

    // Documentation/admin-guide/devices.txt.
    private const uint Memory = 1, TerminalDevices = 4, Terminals = 5, Misc = 10, FirstMaster = 128, LastSlave = 143, Graphics = 226;
    private const uint UsbSerial = 188, LowDensitySerial = 204;
    private const uint Tun = 200, AutoFs = 235;

    public static IEnumerable<PreflightFinding> Find(PreflightContext context) =>
        from open in context.Descriptors
        where open.Descriptor.HasPath
        let status = open.Descriptor.Status
        where status is { IsCharacterDevice: true } or { IsBlockDevice: true }
        let file = status.Value
        where file.IsBlockDevice || !IsDumped(file.DeviceMajor, file.DeviceMinor)
        let isOfPlugin = file.IsCharacterDevice && IsOfPlugin(file.DeviceMajor, open.Descriptor.Path)
        select new PreflightFinding
        {
            Severity = isOfPlugin ? PreflightSeverity.Note : context.CriuLimit,
            Kind = Kind,
            Pid = open.Process.Pid,
            Process = open.Process.Name,
            Descriptor = open.Descriptor.Number,
            Path = open.Descriptor.Path,
            Message = string.Create(
                CultureInfo.InvariantCulture,
                $"{open.Descriptor.Path}, a {(file.IsBlockDevice ? "block" : "character")} device ({file.DeviceMajor}:{file.DeviceMinor}) "
                + $"that CRIU {(isOfPlugin ? "can dump only with a plug-in for it" : "can't dump")}"),
            Remedy = "have the program close it",
        };

    private static bool IsDumped(uint major, uint minor) => major switch
    {
        Memory or TerminalDevices or Terminals or UsbSerial or LowDensitySerial => true,
        >= FirstMaster and <= LastSlave => true,
        Misc => minor is Tun or AutoFs,
        _ => false,
    };

    private static bool IsOfPlugin(uint major, string path) => major == Graphics || path == "/dev/kfd"
        || path.StartsWith("/dev/dri/", StringComparison.Ordinal) || path.StartsWith("/dev/nvidia", StringComparison.Ordinal);
}
