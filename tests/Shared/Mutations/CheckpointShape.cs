using System.Globalization;

namespace Stasis.Tests.Mutations;

/// <summary>A container to make a checkpoint of whose images are changed. Its program, in tests/Shared/Programs, prints "ready".</summary>
/// <param name="Name">Name of the program, and of the container.</param>
/// <param name="Run">Options of <c>run</c>.</param>
/// <param name="Checkpoint">Options of <c>container checkpoint</c>.</param>
/// <param name="Restore">Options of <c>container restore</c>, without which the unchanged archive is refused.</param>
internal sealed record CheckpointShape(string Name, string[] Run, string[] Checkpoint, string[] Restore)
{
    /// <summary>Together they have every image that a container can have.</summary>
    public static IReadOnlyList<CheckpointShape> All { get; } =
    [
        new(
            "everything",
            ["--tmpfs", "/scratch", "--security-opt", "no-new-privileges", "--cap-drop", "SETUID"],
            ["--file-locks"],
            ["--file-locks"]),
        new("family", ["--hostname", "family"], [], []),
        new("connected", ["--cap-add", "NET_RAW"], ["--tcp-established"], ["--tcp-established", "--allow", "cap:NET_RAW"]),
        new(
            "mounted",
            ["-v", "vol:/vol", "--tmpfs", "/scratch:size=1m", "--cap-add", "SYS_ADMIN"],
            ["--file-locks"],
            ["--file-locks", "--allow", "cap:SYS_ADMIN"]),
        new("terminal", ["-t", .. User, "--read-only", "--cap-drop", "all"], [], []),
    ];

    // Root without CAP_SYS_RESOURCE, bit 24 of linux/capability.h, may not read other users' limits, so that CRIU can't dump their
    // processes.
    private static string[] User => HasSysResource() ? ["--user", "1000:100"] : ["--security-opt", "no-new-privileges"];

    private static bool HasSysResource()
    {
        const string Field = "CapEff:";
        var line = File.ReadLines("/proc/self/status").First(line => line.StartsWith(Field, StringComparison.Ordinal));
        return (ulong.Parse(line.AsSpan(Field.Length).Trim(), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture) >> 24 & 1) != 0;
    }
}
