using Stasis.Engine.Archive;

namespace Stasis.UnitTests.Archive.Hostile;

/// <summary>An archive that must be refused.</summary>
/// <param name="Class">What it tries.</param>
/// <param name="Name">And how.</param>
/// <param name="Bytes">All of it.</param>
/// <param name="Message">What the error says.</param>
internal sealed record Hostile(string Class, string Name, byte[] Bytes, string Message)
{
    /// <summary>So small that a bomb needn't be one.</summary>
    public ArchiveLimits Limits { get; init; } = ArchiveLimits.Default;

    public override string ToString() => $"{Class}: {Name}";

    /// <summary>All of them.</summary>
    public static IReadOnlyList<Hostile> All { get; } =
        [
            .. HostileNames.All, .. HostileTypes.All, .. HostileSizes.All, .. HostileHeaders.All, .. HostileJson.All,
            .. HostileEnds.All, .. HostileContents.All, .. HostileLists.All,
        ];
}
