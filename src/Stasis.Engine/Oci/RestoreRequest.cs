namespace Stasis.Engine.Oci;

/// <summary>One run of the runtime's restore verb, which conmon starts (<see cref="Runtime.RestoreAsync"/>).</summary>
/// <param name="Images">Folder of CRIU's images; only read, so that several restores may use it at once.</param>
/// <param name="Flags">Further flags of the restore verb (runc-restore(8)), such as --tcp-established.</param>
internal sealed record RestoreRequest(string Images, IReadOnlyList<string> Flags);
