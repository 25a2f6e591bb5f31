namespace Stasis.UnitTests;

/// <summary>The source that the tests were built from.</summary>
internal static class Repository
{
    public static string Root { get; } = Find(AppContext.BaseDirectory);

    private static string Find(string? directory) =>
        directory is null ? throw new DirectoryNotFoundException("no folder above the tests has Stasis.slnx")
        : File.Exists(Path.Combine(directory, "Stasis.slnx")) ? directory : Find(Path.GetDirectoryName(directory));
}
