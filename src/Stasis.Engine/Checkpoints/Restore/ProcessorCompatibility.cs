using System.Runtime.InteropServices;
using System.Text;
using Stasis.Engine.Archive;
using Stasis.Engine.Criu;
using Stasis.Engine.Errors;

namespace Stasis.Engine.Checkpoints.Restore;

/// <summary>
/// The processor that a checkpoint was made on, and this one. Programs choose their code by what the processor has when they start, the C
/// library's own functions too: on one that has less, they are killed by SIGILL some time after the restore.
/// </summary>
internal static class ProcessorCompatibility
{
    private const string CpuInfo = "/proc/cpuinfo";

    // The first processor's part has some 2 KiB. The file of a large machine takes milliseconds to read.
    private const int FirstPart = 16384;

    /// <summary>Requires the architecture of the machine that the checkpoint was made on, and its vector registers.</summary>
    /// <param name="checkpoint">The checkpoint's files.</param>
    /// <param name="ignoresFeatures">Restore without the registers all the same.</param>
    /// <param name="title">What messages call the checkpoint.</param>
    /// <exception cref="StasisException">It hasn't.</exception>
    public static void RequireSuitable(CheckpointEntryPaths checkpoint, bool ignoresFeatures, string title)
    {
        if (CoreImage.ReadProcessor(checkpoint.Images) is { } dumped)
            RequireSuitable(dumped, RuntimeInformation.ProcessArchitecture, ReadFlags(), ignoresFeatures, title);
    }

    /// <summary>As the other, for any machine.</summary>
    /// <param name="dumped">The processor of the dump.</param>
    /// <param name="architecture">This machine's architecture.</param>
    /// <param name="flags">Flags of this processor (/proc/cpuinfo).</param>
    /// <param name="ignoresFeatures">Restore without the registers all the same.</param>
    /// <param name="title">What messages call the checkpoint.</param>
    internal static void RequireSuitable(
        DumpedProcessor dumped, Architecture architecture, IReadOnlySet<string> flags, bool ignoresFeatures, string title)
    {
        var machine = architecture switch
        {
            Architecture.X64 => DumpedProcessor.X64,
            Architecture.Arm64 => DumpedProcessor.Arm64,
            _ => dumped.Machine,
        };
        if (dumped.Machine != machine)
        {
            var here = (dumped with { Machine = machine }).MachineName;
            throw new StasisException($"{title} was made on {dumped.MachineName}, and this machine is {here}")
            {
                Remedy = $"restore it on a machine that is {dumped.MachineName}",
            };
        }
        string?[] wanted = [dumped.HasAvx512 ? "avx512f" : null, dumped.HasAvx ? "avx" : null];
        if (ignoresFeatures || wanted.OfType<string>().FirstOrDefault(flag => !flags.Contains(flag)) is not { } missing)
            return;
        var name = missing == "avx" ? "AVX" : "AVX-512";
        throw new StasisException(
            $"{title} was made on a processor with {name}, which this one lacks: its programs may have chosen code that uses it, "
            + "and would be killed by SIGILL")
        {
            Remedy = "restore it on a processor that has it, or with --ignore-cpu if the programs don't use it",
        };
    }

    private static HashSet<string> ReadFlags()
    {
        using var file = File.OpenHandle(CpuInfo);
        var (buffer, length) = (new byte[FirstPart], 0);
        while (length < buffer.Length && RandomAccess.Read(file, buffer.AsSpan(length), length) is > 0 and var read)
            length += read;
        var lines = Encoding.ASCII.GetString(buffer, 0, length).Split('\n');
        return [.. (lines.FirstOrDefault(line => line.StartsWith("flags", StringComparison.Ordinal)) ?? "").Split(' ')];
    }
}
