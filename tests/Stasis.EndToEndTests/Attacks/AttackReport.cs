namespace Stasis.EndToEndTests.Attacks;

/// <summary>Outcomes of all attacks of a run, also of those that were held: artifacts/tests/attacks.txt.</summary>
internal static class AttackReport
{
    private static readonly string Path = System.IO.Path.Combine(
        Environment.GetEnvironmentVariable("STASIS_REPO") ?? System.IO.Path.GetTempPath(),
        "artifacts/tests/attacks.txt");

    private static bool _isBegun;

    /// <summary>Adds an outcome.</summary>
    /// <param name="defences">Which defences were on.</param>
    /// <param name="outcome">The outcome.</param>
    public static void Add(string defences, Outcome outcome) => Add($"[{defences}] {outcome}");

    /// <summary>Adds an outcome in words.</summary>
    public static void Add(string outcome)
    {
        if (!_isBegun)
        {
            Directory.CreateDirectory(System.IO.Path.GetDirectoryName(Path)!);
            File.Delete(Path);
        }
        _isBegun = true;
        File.AppendAllText(Path, outcome + "\n");
    }
}
