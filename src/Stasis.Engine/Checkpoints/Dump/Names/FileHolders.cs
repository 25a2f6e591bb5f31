using Stasis.Engine.Containers.Supervision;
using Stasis.Engine.Criu.Images;
using Stasis.Engine.Model;
using Stasis.Linux.Processes;

namespace Stasis.Engine.Checkpoints.Dump.Names;

/// <summary>Finds where in /proc a file of the images is still open, after CRIU has dumped its frozen processes.</summary>
internal static class FileHolders
{
    private const uint OfFile = 0b11 << 6; // VMA_FILE_PRIVATE, VMA_FILE_SHARED (criu/include/image.h)

    /// <summary>For each file, a path of /proc that leads to it. Files that only lie in a socket's queue have none.</summary>
    /// <param name="images">The folder of CRIU's images.</param>
    /// <param name="files">The files' IDs in the images.</param>
    /// <param name="container">The container.</param>
    /// <exception cref="InvalidDataException">An image is damaged.</exception>
    public static Dictionary<uint, string> Find(string images, IReadOnlySet<uint> files, Container container)
    {
        var found = new Dictionary<uint, string>();
        foreach (var (inner, process) in FindProcesses(container))
        {
            if (found.Count == files.Count)
                break;
            // A process whose parent is outside (exec) has no images.
            if (TryRead("ids-", inner) is [var ids, ..])
                AddOpen(ids.U32("files_id"), process);
            if (TryRead("mm-", inner) is [var memory, ..])
                AddMapped(memory, process);
        }
        return found;

        void AddOpen(uint table, string process)
        {
            foreach (var descriptor in TryRead("fdinfo-", table))
                Add(descriptor.U32("id"), FormattableString.Invariant($"{process}/fd/{descriptor.U32("fd")}"));
        }

        void AddMapped(ImageRecord memory, string process)
        {
            Add(memory.U32("exe_file_id"), $"{process}/exe");
            foreach (var mapping in memory.Children("vmas").Where(mapping => (mapping.U32("status") & OfFile) != 0))
                Add(
                    (uint)mapping.Number("shmid"),
                    FormattableString.Invariant($"{process}/map_files/{mapping.Number("start"):x}-{mapping.Number("end"):x}"));
        }

        void Add(uint file, string path)
        {
            if (files.Contains(file))
                found.TryAdd(file, path);
        }

        List<ImageRecord> TryRead(string kind, uint number)
        {
            var path = Path.Combine(images, ImageKind.Get(kind).File(number));
            return File.Exists(path) ? LocalImageFile.Read(path, ImageKind.Get(kind)) : [];
        }
    }

    // With their PIDs in the container's PID namespace, as CRIU names its images.
    private static IEnumerable<(uint Inner, string Process)> FindProcesses(Container container)
    {
        foreach (var pid in ContainerCgroup.Processes(container))
            yield return (ProcStatus.ReadInnerPid(pid), FormattableString.Invariant($"/proc/{pid}"));
    }
}
