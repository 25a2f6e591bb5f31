using System.Globalization;
using Stasis.Engine.Checkpoints;

namespace Stasis.Cli.Output.Tables;

/// <summary>
/// The table of the copies that <c>clone</c> and <c>restore</c> make. Each line is printed once the copy runs or has failed.
/// </summary>
/// <param name="quiet">Print IDs only, of copies that are not undone.</param>
/// <param name="keepGoing">Whether copies are kept if another one fails.</param>
internal sealed class CopiesTable(bool quiet, bool keepGoing) : IProgress<CopyOutcome>
{
    private readonly Lock _gate = new();
    private int _width;
    private bool _begun;

    /// <summary>Takes the names of all copies, which give the width of the first column.</summary>
    public void SetNames(IReadOnlyList<string> names) => _width = Math.Max(names.Max(name => name.Length), 4) + 2;

    /// <summary>Prints the IDs that <c>--quiet</c> could not print before, as a failure would have undone the copies.</summary>
    public IReadOnlyList<CopyOutcome> End(IReadOnlyList<CopyOutcome> outcomes)
    {
        foreach (var copy in outcomes.Where(copy => quiet && !keepGoing && copy.Container is not null))
            StandardOutput.Line(copy.Container!.Id);
        return outcomes;
    }

    public void Report(CopyOutcome value)
    {
        lock (_gate)
        {
            if (quiet)
            {
                if (keepGoing && value.Container is not null)
                    StandardOutput.Line(value.Container.Id);
                return;
            }
            if (!_begun)
                StandardOutput.Line($"{"NAME".PadRight(_width)}CONTAINER ID  TIME     STATUS");
            _begun = true;
            var time = string.Create(CultureInfo.InvariantCulture, $"{value.Duration.TotalSeconds:0.00} s");
            var status = value.Failure switch
            {
                null => "running",
                _ when value.Container is not null => "undone",
                OperationCanceledException => "cancelled",
                _ => "failed",
            };
            var id = value.Container is null ? "" : HumanFormat.Id(value.Container.Id);
            StandardOutput.Line($"{value.Name.PadRight(_width)}{id,-12}  {time,-7}  {status}");
        }
    }
}
