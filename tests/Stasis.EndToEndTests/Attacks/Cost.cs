namespace Stasis.EndToEndTests.Attacks;

/// <summary>What a command cost, with all that it waited for.</summary>
/// <param name="ProcessorTime">Processor time of all processes together.</param>
/// <param name="PeakMemory">The most memory that one process of it had, in bytes.</param>
internal sealed record Cost(TimeSpan ProcessorTime, long PeakMemory)
{
    /// <summary>What an archive may cost at most before it is refused.</summary>
    public static Cost Limit { get; } = new(TimeSpan.FromSeconds(10), 300L << 20);

    public bool IsWithin(Cost limit) => ProcessorTime <= limit.ProcessorTime && PeakMemory <= limit.PeakMemory;

    public override string ToString() => $"{ProcessorTime.TotalSeconds:F1} s, {PeakMemory >> 20} MiB";
}
