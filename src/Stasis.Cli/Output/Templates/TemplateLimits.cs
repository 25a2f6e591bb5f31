namespace Stasis.Cli.Output.Templates;

/// <summary>How much a template may make: far more than anybody reads, and less than would hurt.</summary>
internal static class TemplateLimits
{
    public const int LongestText = 64 << 20;

    /// <summary>Actions done, rounds of a range among them.</summary>
    public const int MostSteps = 10_000_000;

    /// <exception cref="EvaluationException">It is too long.</exception>
    public static void Check(long length)
    {
        if (length > LongestText)
            throw new EvaluationException("the text is too long");
    }
}
