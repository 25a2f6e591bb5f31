using Stasis.Cli.Output.HelpText;
using Stasis.Engine.Host;

namespace Stasis.Cli.Output.Reports;

/// <summary>
/// Prints a host report for people, 80 columns wide: a line for each finding, and for what is missing the reason, what does not work
/// without it, and the remedy.
/// </summary>
internal static class HostReportText
{
    private const int Width = 80;

    public static void Write(HostReport report, TextWriter writer)
    {
        writer.WriteLine($"{report.Distribution}, Linux {report.Kernel}, {report.Architecture}");
        Section(writer, "Parts", report.Parts);
        Section(writer, "Kernel and its setup", report.Features);
        if (report.Proof is { } proof)
        {
            writer.WriteLine("\nA process dumped and restored");
            if (proof.Works)
                writer.WriteLine($"  ok    dumped in {proof.DumpMilliseconds} ms, restored in {proof.RestoreMilliseconds} ms");
            else
            {
                Block(writer, "  FAIL  ", proof.Error ?? "");
                Block(
                    writer,
                    "        do:   ",
                    "run /usr/share/stasis/find-criu (eng/setup.sh in a checkout), which finds or fetches a CRIU that works on this "
                    + "kernel, or name one in $STASIS_CRIU");
            }
        }
        writer.WriteLine(
            report.CanCheckpoint
                ? $"\nContainers can be checkpointed and restored here{Except(report)}."
                : "\nContainers can't be checkpointed and restored here: see what is marked FAIL.");
    }

    // Images whose program isn't root's are too many to leave this to the list above.
    private static string Except(HostReport report) => report.CanCheckpointOtherUsers
        ? ""
        : ",\nexcept those whose processes aren't root's: see CAP_SYS_RESOURCE";

    private static void Section(TextWriter writer, string title, IReadOnlyList<HostFinding> findings)
    {
        writer.WriteLine($"\n{title}");
        var nameWidth = findings.Max(finding => finding.Name.Length);
        var versionWidth = findings.Max(finding => finding.Version?.Length ?? 0);
        foreach (var finding in findings)
        {
            var mark = finding.Sufficient ? "ok  " : finding.Required ? "FAIL" : "-   ";
            var version = versionWidth > 0 ? $"  {(finding.Version ?? "").PadRight(versionWidth)}" : "";
            writer.WriteLine($"  {mark}  {finding.Name.PadRight(nameWidth)}{version}  {finding.Path ?? finding.Detail}".TrimEnd());
            if (finding.Problem is { } problem)
                Block(writer, "        ", problem);
            if (finding.Lost is { } lost)
                Block(writer, "        lost: ", lost);
            if (finding.Remedy is { } remedy)
                Block(writer, "        do:   ", remedy);
        }
    }

    private static void Block(TextWriter writer, string lead, string text)
    {
        foreach (var line in Help.Wrap(text, Width - lead.Length))
        {
            writer.WriteLine(lead + line);
            lead = new string(' ', lead.Length);
        }
    }
}
