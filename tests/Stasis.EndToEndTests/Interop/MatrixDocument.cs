using System.Text;

namespace Stasis.EndToEndTests.Interop;

/// <summary>docs/interop.md: what the cells' tests hold to be so.</summary>
internal static class MatrixDocument
{
    private const string Beginning = """
        # Podman and Stasis

        Each cell of the tables is a container that one engine started, checkpointed into an archive and removed, and that the
        other engine restored under its name. The end-to-end tests run every cell (`tests/Stasis.EndToEndTests/Interop`) and
        compare this page with what they expect. "Passes" means that everything came through, except what the cell's notes
        name; the tests check that this really is lost. "Is lost" means that nothing comes through.
        `STASIS_WRITE_DOCS=1 eng/test.sh e2e -- -class '*MatrixDocumentTests'` writes this page.

        Podman is that of Debian sid (5.8), with runc 1.3, crun 1.28 and CRIU 4.2. With runc, Stasis runs on the host of the
        tests, whose Debian may be older; with crun, it runs beside Podman.


        """;

    private const string Ending = """
        ## Beyond the matrix

        - Podman → Stasis → Podman, the same container: everything comes through except what the notes above name. Fields of
          `config.dump` and `spec.dump` that Stasis doesn't know are carried unchanged (`ThereAndBackTests`).
        - A container with network, volumes and /dev/shm is checkpointed and restored twenty times (`TwentyTimesTests`); a
          hundred copies run on one bridge (`ManyCopiesTests`); a container has 100 000 small files (`ManyFilesTests`). These
          are the numbers of `eng/test.sh --all`; a plain run has smaller ones.
        - Stasis → Stasis, the file system also has a file of 9 GiB that is nearly all hole, and attributes whose names contain
          "=".
        - A file that is open under a deleted name and has another one, such as a POSIX semaphore, goes both ways. Podman needs
          the line `link-remap` in `/etc/criu/runc.conf` for it, and its archive then holds files `link_remap.N`, which a restore
          removes (`PeerTests`).
        - Podman 5.8 can't checkpoint a container that replaced a file or a link by a directory with content. Of a container
          with an extended attribute whose name contains "=", it writes half an archive without an error; Stasis reports that
          when it reads the archive. When Podman restores one of its own archives in which a symbolic link is deleted, it
          deletes the link's target (`PodmanLimitsTests`).

        """;

    public static string Write(IReadOnlyList<CellTests> tests)
    {
        var text = new StringBuilder(Beginning);
        foreach (var direction in Enum.GetValues<Direction>())
        {
            var sample = new Cell(direction, "zstd", "runc");
            var workloads = tests.SelectMany(test => test.Make(sample)).DistinctBy(workload => workload.Title).ToList();
            var notes = workloads.SelectMany(workload => workload.Limits)
                .Where(limit => limit.Direction == direction)
                .Select(limit => limit.What)
                .Distinct()
                .ToList();
            text.Append(
                $"## {Title(direction)}\n\n| |{string.Concat(Cell.Runtimes.SelectMany(runtime => Cell.Compressions.Select(compression => $" {runtime}, {compression} |")))}\n");
            text.Append($"| --- |{string.Concat(Cell.Runtimes.SelectMany(_ => Cell.Compressions.Select(_ => " --- |")))}\n");
            foreach (var workload in workloads)
                text.Append(
                    $"| {workload.Title} |{string.Concat(Enumerable.Repeat($" {Word(workload, direction)}{Marks(workload, direction, notes)} |", Cell.Runtimes.Count * Cell.Compressions.Count))}\n");
            text.Append('\n')
                .Append(string.Concat(notes.Select((note, i) => $"{i + 1}. {char.ToUpperInvariant(note[0])}{note[1..]}.\n")))
                .Append(notes.Count > 0 ? "\n" : "");
        }
        return text.Append(Ending).ToString();
    }

    private static string Word(Workload workload, Direction direction) =>
        workload.Limits.Any(limit => limit.IsAll && limit.Direction == direction) ? "is lost" : "passes";

    private static string Marks(Workload workload, Direction direction, List<string> notes)
    {
        var marks = workload.Limits.Where(limit => limit.Direction == direction).Select(limit => notes.IndexOf(limit.What) + 1).ToList();
        return marks.Count > 0 ? $" <sup>{string.Join(' ', marks)}</sup>" : "";
    }

    private static string Title(Direction direction) => direction switch
    {
        Direction.PodmanToStasis => "Podman → Stasis",
        Direction.StasisToPodman => "Stasis → Podman",
        _ => "Stasis → Stasis",
    };
}
