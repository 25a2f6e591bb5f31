using System.Globalization;

namespace Stasis.Bench;

/// <summary>What eng/bench.sh passes on.</summary>
internal sealed record Options
{
    /// <summary>How often each tool is measured (-n).</summary>
    public int Runs { get; private init; } = 5;

    /// <summary>The one scenario to measure, or null for all (--only).</summary>
    public string? Only { get; private init; }

    /// <summary>The stasis binary.</summary>
    public required string StasisBinary { get; init; }

    /// <summary>A command that runs others in the peer.</summary>
    public required string PeerRun { get; init; }

    /// <summary>Folder for Stasis's state and for archives; both tools find it at this path.</summary>
    public required string Work { get; init; }

    /// <summary>Tar of a busybox root filesystem.</summary>
    public required string Rootfs { get; init; }

    /// <summary>The same with the program `memory` in it.</summary>
    public required string MemoryRootfs { get; init; }

    /// <summary>Folder with tars of the root filesystems that hold real programs.</summary>
    public required string ProgramRootfs { get; init; }

    /// <summary>Where the plot goes, an SVG.</summary>
    public required string Plot { get; init; }

    /// <summary>Stasis's run root.</summary>
    public required string RunRoot { get; init; }

    /// <summary>Where the figures go, as JSON.</summary>
    public required string Results { get; init; }

    public static Options Parse(string[] args)
    {
        var options = new Options
        {
            StasisBinary = Variable("STASIS_BIN"),
            PeerRun = Variable("STASIS_PEER"),
            Work = Variable("BENCH_WORK"),
            Rootfs = Variable("BENCH_ROOTFS"),
            MemoryRootfs = Variable("BENCH_MEMORY_ROOTFS"),
            ProgramRootfs = Variable("BENCH_PROGRAM_ROOTFS"),
            Plot = Variable("BENCH_PLOT"),
            RunRoot = Variable("STASIS_RUNROOT"),
            Results = Variable("BENCH_RESULTS"),
        };
        for (var i = 0; i < args.Length; i += 2)
        {
            options = (args[i], i + 1 < args.Length) switch
            {
                ("-n", true) => options with { Runs = int.Parse(args[i + 1], CultureInfo.InvariantCulture) },
                ("--only", true) => options with { Only = args[i + 1] },
                _ => throw new ArgumentException($"unknown option {args[i]}; see the first lines of eng/bench.sh"),
            };
        }
        return options;
    }

    private static string Variable(string name) =>
        Environment.GetEnvironmentVariable(name) ?? throw new InvalidOperationException($"{name} is not set: start this with eng/bench.sh");
}
