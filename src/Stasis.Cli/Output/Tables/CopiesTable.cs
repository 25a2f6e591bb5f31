using System.Globalization;
using Stasis.Engine.Checkpoints;

namespace Stasis.Cli.Output.Tables;

/// <summary>Copies, a line for each, printed as they come to run.</summary>
/// <param name="quiet">IDs alone, and only of copies that stay.</param>
/// <param name="keepGoing">Each stays, whatever becomes of the others.</param>
internal sealed class CopiesTable(bool quiet, bool keepGoing) : IProgress<CopyOutcome>
{
    private readonly Lock _gate = new();
    private int _width;
    private bool _begun;

    /// <summary>Takes their names, which tell how wide the table is.</summary>
    public void Take(IReadOnlyList<string> names) => _width = Math.Max(names.Max(name => name.Length), 4) + 2;

    /// <summary>All are made that will be, and stay: what could not be said before is said.</summary>
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
            var status = value.Failure switch { null => "running", _ when value.Container is not null => "undone", OperationCanceledException => "cancelled", _ => "failed" };
            StandardOutput.Line($"{value.Name.PadRight(_width)}{(value.Container is null ? "" : HumanFormat.Id(value.Container.Id)),-12}  {time,-7}  {status}");
        }
    }
}
