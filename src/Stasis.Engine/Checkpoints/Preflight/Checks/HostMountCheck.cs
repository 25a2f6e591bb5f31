using Stasis.Engine.Containers.Files;

namespace Stasis.Engine.Checkpoints.Preflight.Checks;

/// <summary>
/// What the host has mounted within the sources of binds, if a checkpoint can't leave it to the host: CRIU would take a tmpfs for the
/// container's own, copy it and restore the copy.
/// </summary>
internal static class HostMountCheck
{
    private const string Kind = "host-mount";

    public static IEnumerable<PreflightFinding> Find(PreflightContext context) =>
        from nested in context.NestedMounts
        let why = FindReason(context, nested)
        where why is not null
        select new PreflightFinding
        {
            Severity = PreflightSeverity.Refused,
            Kind = Kind,
            Path = nested.Mount.Destination,
            Message =
                $"the mount {nested.Mount.Destination} is the host's ({nested.Mount.Source}), within {nested.Bind.Destination}: {why}",
            Remedy =
                $"bind it as a mount of its own (--volume {nested.Mount.Source}:{nested.Mount.Destination}), or unmount it on the host "
                + "before the container starts",
        };

    private static string? FindReason(PreflightContext context, NestedMount nested)
    {
        if (!context.WritesCriuConfig)
            return "CRIU can't be told so, since the container has a configuration file of its own for CRIU (org.criu.config)";
        if (nested.Mount.Destination.Any(c => !char.IsAscii(c) || char.IsControl(c) || c is ' ' or '"' or '#' or '\\' or '[' or ']' or ':'))
            return "CRIU can't be told so, since its configuration file can't have such a path";
        var volume = context.Container.Config.NamedVolumes?.FirstOrDefault(volume => volume.Destination == nested.Bind.Destination);
        if (volume is not null && (context.Options.Export is not null || context.Options.CreateImage is not null || context.Options.Store))
            return $"it is in no checkpoint, and would not be in the volume that is made for a copy of {volume.Name}";
        return null;
    }
}
