namespace Stasis.EndToEndTests.Compatibility;

/// <summary>A program as it runs in a container, and how to tell that it goes on. Made anew for each test.</summary>
public sealed record ContainerProgram
{
    /// <summary>What it is called in the names of tests and containers.</summary>
    public required string Name { get; init; }

    /// <summary>The root file system that eng/setup.sh --test unpacked.</summary>
    public string Image { get; init; } = "programs";

    /// <summary>Libraries that the image has besides, made of tests/Stasis.EndToEndTests/Programs.</summary>
    public IReadOnlyList<string> Libraries { get; init; } = [];

    /// <summary>What the container's shell runs.</summary>
    public string Script { get; init; } = "";

    /// <summary>The container's command, if the image has no shell.</summary>
    public IReadOnlyList<string> Command { get => field ?? ["sh", "-c", Script]; init; }

    /// <summary>Options of run; FOLDER is an empty folder of the host.</summary>
    public string RunOptions { get; init; } = "--network none";

    /// <summary>Values for <c>--allow</c> that <see cref="RunOptions"/> stand for: all that a refusal names, in that order.</summary>
    public string Allowed { get; init; } = "";

    /// <summary>Options that both checkpoint and restore need.</summary>
    public string MoveOptions { get; init; } = "";

    /// <summary>Options of restore alone.</summary>
    public string RestoreOptions { get; init; } = "";

    /// <summary>Reads its count.</summary>
    public required Probe Probe { get; init; }

    /// <summary>Whether the suite's short form has it.</summary>
    public bool IsInShortForm { get; init; }
}
