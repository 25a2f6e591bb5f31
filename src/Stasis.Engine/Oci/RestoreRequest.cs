namespace Stasis.Engine.Oci;

/// <summary>One run of the runtime's restore verb, which conmon starts (<see cref="ConmonRequest.Restore"/>).</summary>
/// <param name="Images">Folder of CRIU's images; only read, so that several restores may use it at once.</param>
/// <param name="Flags">Further flags of the restore verb (runc-restore(8)), such as --tcp-established.</param>
/// <param name="Configuration">Lines of the container's criu.conf.</param>
/// <param name="Allowed">
/// What the import policy allows of the container, whose images are a stranger's: values of <c>--allow</c>. Null for own images.
/// </param>
internal sealed record RestoreRequest(
    string Images, IReadOnlyList<string> Flags, IReadOnlyList<string> Configuration, IReadOnlyList<string>? Allowed);
