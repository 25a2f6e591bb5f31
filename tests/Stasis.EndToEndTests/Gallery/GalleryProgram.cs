using Stasis.EndToEndTests.Compatibility;

namespace Stasis.EndToEndTests.Gallery;

/// <summary>A program of the gallery: how it runs under load, and what docs/programs.md says of it.</summary>
public sealed record GalleryProgram
{
    /// <summary>What it is called in the names of tests.</summary>
    public required string Name { get; init; }

    /// <summary>What the page calls it.</summary>
    public required string Title { get; init; }

    /// <summary>What it does while it is checkpointed.</summary>
    public required string Load { get; init; }

    /// <summary>What doesn't come back, or which option it needs; empty if there is nothing to say.</summary>
    public string Remark { get; init; } = "";

    /// <summary>The root file system that eng/setup.sh --test unpacked.</summary>
    public string Image { get; init; } = "programs";

    /// <summary>Libraries that the image has besides, made of tests/Stasis.EndToEndTests/Programs.</summary>
    public IReadOnlyList<string> Libraries { get; init; } = [];

    /// <summary>What the container's shell runs.</summary>
    public required string Script { get; init; }

    /// <summary>Options of run.</summary>
    public string RunOptions { get; init; } = "--network none";

    /// <summary>Options of checkpoint.</summary>
    public string CheckpointOptions { get; init; } = "";

    /// <summary>Reads its count.</summary>
    public required Func<Probe> CreateProbe { get; init; }

    /// <summary>Whether it counts once a minute only: then its count is waited for at the end alone.</summary>
    public bool IsSlow { get; init; }

    /// <summary>Whether the suite's short form has it.</summary>
    public bool IsInShortForm { get; init; }
}
