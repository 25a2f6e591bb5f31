namespace Stasis.Engine.Checkpoints.Preflight.Checks;

/// <summary>Locks on files, which a checkpoint holds only if that is asked for.</summary>
internal static class FileLockCheck
{
    private const string Kind = "file-lock";

    public static IEnumerable<PreflightFinding> Find(PreflightContext context) =>
        context.HasCriuOption("file-locks") ? [] :
        from open in context.Descriptors
        where open.Descriptor.HasPath && ProcFields.Find(open.Descriptor.Info, "lock") is not null
        select new PreflightFinding
        {
            Severity = context.OwnsCriuConfig ? PreflightSeverity.NeedsOption : PreflightSeverity.Note,
            Kind = Kind,
            Pid = open.Process.Pid,
            Process = open.Process.Name,
            Descriptor = open.Descriptor.Number,
            Path = open.Descriptor.Path,
            Message = $"a lock on {open.Descriptor.Path}",
            Remedy = "keep it with --file-locks",
            Option = "--file-locks",
        };
}
