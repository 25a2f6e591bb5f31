namespace Stasis.EndToEndTests.Compatibility;

/// <summary>
/// The programs. Containers run as root: on a host without CAP_SYS_RESOURCE, CRIU can't dump the processes of other users. What CRIU
/// can't restore of a program is kept out by an option or by the script, with a remark that says so.
/// </summary>
public static partial class ProgramCatalog
{
    /// <summary>All of them, new.</summary>
    public static IEnumerable<ContainerProgram> All => [.. Databases, .. Servers, .. Interpreters, .. Runtimes, .. Tools];
}
