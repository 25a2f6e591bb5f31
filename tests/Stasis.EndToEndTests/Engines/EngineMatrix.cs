namespace Stasis.EndToEndTests.Engines;

/// <summary>Which engines' checkpoints are restored under which engines: the tests' cells, and the table of docs/engines.md.</summary>
internal static class EngineMatrix
{
    /// <summary>Who makes the checkpoint: its name in tests and on the page.</summary>
    public static IReadOnlyList<(string Name, string Title)> Makers { get; } =
    [
        ("podman", "Podman"), ("stasis", "Stasis"), ("cri", "containerd's CRI"),
        ("docker", "Docker, [from the side](checkpoint-engines.md)"), ("podman, crun", "Podman with crun"),
    ];

    /// <summary>Who restores it.</summary>
    public static IReadOnlyList<(string Name, string Title)> Engines { get; } =
        [("podman", "Podman"), ("docker", "Docker"), ("ctr", "`ctr`"), ("ctr --cni", "`ctr --cni`"), ("cri", "CRI")];

    /// <summary>All cells.</summary>
    public static IEnumerable<(string Maker, string Engine)> Cells =>
        from maker in Makers from engine in Engines select (maker.Name, engine.Name);

    /// <summary>Whether crun is behind stasis-runtime, as it was behind who made the checkpoint.</summary>
    public static bool HasCrun(string maker) => maker.EndsWith(", crun", StringComparison.Ordinal);

    /// <summary>The table, in Markdown.</summary>
    public static string WriteTable()
    {
        List<string> lines =
        [
            $"| |{string.Concat(Engines.Select(engine => $" {engine.Title} |"))}",
            $"| --- |{string.Concat(Engines.Select(_ => " --- |"))}",
            .. Makers.Select(maker => $"| {maker.Title} |{string.Concat(Engines.Select(_ => " goes on |"))}"),
        ];
        return string.Concat(lines.Select(line => line + "\n"));
    }
}
