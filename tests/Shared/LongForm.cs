namespace Stasis.Tests;

/// <summary>
/// The long form of the suite (<c>eng/test.sh --all</c>): sizes and numbers are those of the real thing where smaller ones prove
/// the same.
/// </summary>
public static class LongForm
{
    /// <summary>Whether the long form was asked for.</summary>
    public static bool IsAsked { get; } = Environment.GetEnvironmentVariable("STASIS_TEST_ALL") is "1";
}
