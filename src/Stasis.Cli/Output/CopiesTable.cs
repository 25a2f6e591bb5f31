using System.Globalization;
using Stasis.Engine.Checkpoints;

namespace Stasis.Cli.Output;

/// <summary>Copies, a line for each, printed as they come to run.</summary>
/// <param name="names">Their names, which tell how wide the table is.</param>
/// <param name="quiet">IDs alone.</param>
internal sealed class CopiesTable(IReadOnlyList<string> names, bool quiet) : IProgress<CopyOutcome>
{
    private readonly Lock _gate = new();
    private readonly int _width = Math.Max(names.Max(name => name.Length), 4) + 2;
    private bool _begun;

    public void Report(CopyOutcome value)
    {
        lock (_gate)
        {
            if (quiet)
            {
                if (value.Container is not null)
                    StandardOutput.Line(value.Container.Id);
                return;
            }
            if (!_begun)
                StandardOutput.Line($"{"NAME".PadRight(_width)}CONTAINER ID  TIME     STATUS");
            _begun = true;
            var time = string.Create(CultureInfo.InvariantCulture, $"{value.Duration.TotalSeconds:0.00} s");
            var status = value.Failure switch { null => "running", OperationCanceledException => "cancelled", _ => "failed" };
            StandardOutput.Line($"{value.Name.PadRight(_width)}{(value.Container is null ? "" : Human.Id(value.Container.Id)),-12}  {time,-7}  {status}");
        }
    }
}
