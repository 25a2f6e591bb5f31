using System.Text;

namespace Stasis.EndToEndTests.Interop;

/// <summary>docs/interop.md: what the cells' tests hold to be so.</summary>
internal static class MatrixDocument
{
    private const string Beginning = """
        # Podman and Stasis

        A cell is a container that one engine started, froze into an archive and removed, and that the other brought back under its name. The end-to-end tests run every
        one of them (`tests/Stasis.EndToEndTests/Interop`), and this page is what they hold to be so: a cell passes if everything came through but for what its notes name, and only if that
        was really lost; where all is lost, it says so. `STASIS_WRITE_DOCS=1 eng/test.sh e2e -- -class '*MatrixDocumentTests'` writes it.

        Podman is that of Debian sid (5.8), with runc 1.3, crun 1.28 and CRIU 4.2. Stasis runs with runc on the machine that the tests run on, of another release of Debian perhaps, and with crun beside Podman.


        """;

    private const string Ending = """
        ## Beyond the matrix

        - Podman → Stasis → Podman, the same container throughout: everything but what the notes above name comes through, and what Stasis doesn't know of `config.dump` and `spec.dump` is carried unchanged (`ThereAndBackTests`).
        - Twenty times frozen and brought back with network, volumes and /dev/shm (`TwentyTimesTests`); a hundred copies on one bridge (`ManyCopiesTests`); 100 000 small files (`ManyFilesTests`).
        - Stasis → Stasis, the file system has a file of 9 GiB too, nearly all of it a hole, and attributes whose names have an "=".
        - Podman 5.8 can't checkpoint a container that has replaced a file, or a link, by a folder with something in it. Of a container with an extended attribute whose name has an "=" it writes half an archive, and says
          nothing; Stasis says so when it reads it. When it restores one of its own archives in which a symbolic link is deleted, it deletes what the link leads to (`PodmanLimitsTests`).

        """;

    public static string Write(IReadOnlyList<CellTests> tests)
    {
        var text = new StringBuilder(Beginning);
        foreach (var direction in Enum.GetValues<Direction>())
        {
            var sample = new Cell(direction, "zstd", "runc");
            var workloads = tests.SelectMany(test => test.Make(sample)).DistinctBy(workload => workload.Title).ToList();
            var notes = workloads.SelectMany(workload => workload.Limits).Where(limit => limit.Direction == direction).Select(limit => limit.What).Distinct().ToList();
            text.Append($"## {Title(direction)}\n\n| |{string.Concat(Cell.Runtimes.SelectMany(runtime => Cell.Compressions.Select(compression => $" {runtime}, {compression} |")))}\n");
            text.Append($"| --- |{string.Concat(Cell.Runtimes.SelectMany(_ => Cell.Compressions.Select(_ => " --- |")))}\n");
            foreach (var workload in workloads)
                text.Append($"| {workload.Title} |{string.Concat(Enumerable.Repeat($" {Word(workload, direction)}{Marks(workload, direction, notes)} |", Cell.Runtimes.Count * Cell.Compressions.Count))}\n");
            text.Append('\n').Append(string.Concat(notes.Select((note, i) => $"{i + 1}. {char.ToUpperInvariant(note[0])}{note[1..]}.\n"))).Append(notes.Count > 0 ? "\n" : "");
        }
        return text.Append(Ending).ToString();
    }

    private static string Word(Workload workload, Direction direction) => workload.Limits.Any(limit => limit.IsAll && limit.Direction == direction) ? "is lost" : "passes";

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
