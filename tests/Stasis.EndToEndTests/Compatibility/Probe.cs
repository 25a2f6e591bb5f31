using System.Globalization;
using System.Text.RegularExpressions;
using Xunit;

namespace Stasis.EndToEndTests.Compatibility;

/// <summary>
/// Reads a count that a program keeps in its memory, and that grows by itself or by being read. A program that was started anew, or that
/// hangs, has another count.
/// </summary>
public abstract partial class Probe : IDisposable
{
    private const long Enough = 3; // of a program that has begun its work

    private long _last;

    /// <summary>Waits until the program is at work.</summary>
    public async Task BeginAsync(RunningProgram program) =>
        _last = await Eventually.GetAsync(() => ReadNumberAsync(program), count => count >= Enough);

    /// <summary>Notes the count before a checkpoint.</summary>
    public async Task NoteAsync(RunningProgram program) =>
        _last = await Eventually.GetAsync(() => ReadNumberAsync(program), count => count >= _last);

    /// <summary>After a restore: the program goes on from where it was.</summary>
    public async Task GoesOnAsync(RunningProgram program)
    {
        var first = await Eventually.GetAsync(() => ReadNumberAsync(program), count => count >= 0);
        Assert.True(first >= _last, $"the count was {_last} and is {first}");
        _last = await Eventually.GetAsync(() => ReadNumberAsync(program), count => count > _last);
    }

    public virtual void Dispose() => GC.SuppressFinalize(this);

    /// <summary>What the program says, or null while it says nothing.</summary>
    protected abstract Task<string?> ReadAsync(RunningProgram program);

    // The last number in the answer; -1 without one.
    private async Task<long> ReadNumberAsync(RunningProgram program) =>
        await ReadAsync(program) is { } answer && Number().Matches(answer) is [.., var last]
            ? long.Parse(last.Value, NumberStyles.None, CultureInfo.InvariantCulture) : -1;

    [GeneratedRegex("[0-9]+")]
    private static partial Regex Number();
}
