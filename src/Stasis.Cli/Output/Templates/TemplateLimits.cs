namespace Stasis.Cli.Output.Templates;

/// <summary>Limits of evaluation, against templates that would exhaust memory or time.</summary>
internal static class TemplateLimits
{
    /// <summary>Longest output, in characters.</summary>
    public const int MaxTextLength = 64 << 20;

    /// <summary>Number of evaluated nodes, including iterations of a range.</summary>
    public const int MaxSteps = 10_000_000;

    /// <exception cref="EvaluationException">The output is too long.</exception>
    public static void Check(long length)
    {
        if (length > MaxTextLength)
            throw new EvaluationException("the text is too long");
    }
}
