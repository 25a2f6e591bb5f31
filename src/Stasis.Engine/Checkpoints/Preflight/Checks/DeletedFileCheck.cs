using System.Globalization;
using Stasis.Linux.Files;

namespace Stasis.Engine.Checkpoints.Preflight.Checks;

/// <summary>
/// Files that were deleted and are still open or mapped. CRIU keeps the content of those without a name left, up to a limit, and gives
/// those that have other names one more for the time of the dump, if that is allowed (CRIU 4.2, criu/files-reg.c: check_path_remap).
/// </summary>
internal static class DeletedFileCheck
{
    private const string Kind = "deleted-file";
    private const string Limit = "ghost-limit ";
    private const long DefaultLimit = 1 << 20;
    private const uint BlockSize = 512;

    // Of file systems of the kernel's own. CRIU takes their content with the memory.
    private static readonly string[] KernelFiles = ["/memfd:", "/secretmem", "/dmabuf:", "/anon_hugepage", "/SYSV", "/dev/zero", "/[aio]"];

    public static IEnumerable<PreflightFinding> Find(PreflightContext context)
    {
        var limit = context.CriuOptions.Select(option => option.TrimStart('-')).LastOrDefault(IsLimit) is { } given
            ? long.Parse(given.AsSpan(Limit.Length), CultureInfo.InvariantCulture)
            : DefaultLimit;
        var open =
            from descriptor in context.Descriptors
            where descriptor.Descriptor.IsDeleted && !IsOfKernel(descriptor.Descriptor.Path)
            let status = descriptor.Descriptor.Status
            where status is { IsRegularFile: true }
            select (descriptor.Process, (int?)descriptor.Descriptor.Number, descriptor.Descriptor.Path, Status: status.Value);
        return open.Concat(context.Processes.Dumped.SelectMany(FindMapped))
            .DistinctBy(file => (file.Status.ContainingDevice, file.Status.Inode))
            .Select(file => CreateFinding(context, file.Process, file.Item2, file.Path, file.Status, limit));
    }

    private static bool IsLimit(string option) => option.StartsWith(Limit, StringComparison.Ordinal);

    private static IEnumerable<(ContainerProcess Process, int? Descriptor, string Path, FileStatus Status)> FindMapped(
        ContainerProcess process) =>
        from mapping in ProcessMapping.ReadFiles(process)
        where mapping.IsDeleted && !IsOfKernel(mapping.Path)
        let status = mapping.TryReadStatus()
        where status is { IsRegularFile: true }
        select (process, (int?)null, mapping.Path, status.Value);

    private static bool IsOfKernel(string path) => KernelFiles.Any(file => path.StartsWith(file, StringComparison.Ordinal));

    private static PreflightFinding CreateFinding(
        PreflightContext context, ContainerProcess process, int? descriptor, string path, FileStatus status, long limit)
    {
        var bytes = (long)status.Blocks * BlockSize;
        var size = string.Create(CultureInfo.InvariantCulture, $"{(bytes + 999) / 1000} kB");
        var use = descriptor is null ? "mapped" : "open";
        var (severity, remedy) = (PreflightSeverity.Note, (string?)null);
        var message = $"the deleted file {path} is still {use}, and is kept: {size}";
        if (status.LinkCount > 0 && !context.HasCriuOption("link-remap"))
        {
            severity = context.CriuLimit;
            message = $"the file {path} is {use} under a name that was deleted, and has others: CRIU can't dump that";
            remedy = "have the program open the file anew, or restart it";
        }
        else if (status.LinkCount == 0 && bytes > limit)
        {
            severity = context.CriuLimit;
            message = $"the deleted file {path} is still {use}, and with {size} too large for CRIU to keep";
            remedy = "have the program close it";
        }
        return new PreflightFinding
        {
            Severity = severity,
            Kind = Kind,
            Pid = process.Pid,
            Process = process.Name,
            Descriptor = descriptor,
            Path = path,
            Message = message,
            Remedy = remedy,
        };
    }
}
