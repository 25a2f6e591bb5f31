using System.Text;

namespace Stasis.EndToEndTests.Gallery;

/// <summary>docs/programs.md: what the gallery's tests hold to be so.</summary>
internal static class GalleryDocument
{
    private const string Beginning = """
        # Programs

        These programs are checkpointed while they work, and go on. The end-to-end tests do this with each of them
        (`tests/Stasis.EndToEndTests/Gallery`):

        1. ten checkpoints with `-R`, after each of which the original goes on;
        2. restores under three other names;
        3. four clones at once;
        4. twice a checkpoint, and a restore under its own name.

        Each time the program's own count must go on from where it was. `eng/test.sh` tries some of them with fewer rounds,
        `eng/test.sh --all` all. `STASIS_WRITE_DOCS=1 eng/test.sh e2e -- -class '*GalleryDocumentTests'` writes this page.

        | program | what it does meanwhile | remark |
        | --- | --- | --- |

        """;

    private const string Ending = """

        Other programs go from host to host, with runc and crun, on cgroup v1 and v2: see `ProgramTests`.

        Processes of users other than root can be checkpointed if Stasis has CAP_SYS_RESOURCE (`stasis doctor`). What CRIU can't
        dump is told before anything stops: [restore.md](restore.md#what-a-checkpoint-holds).

        """;

    public static string Write()
    {
        var text = new StringBuilder(Beginning);
        foreach (var program in GalleryCatalog.All)
            text.Append($"| {program.Title} | {program.Load} | {program.Remark} |\n");
        return text.Append(Ending).ToString();
    }
}
