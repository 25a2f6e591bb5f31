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

    /// <summary>Notes the count before a checkpoint, and returns it.</summary>
    public async Task<long> NoteAsync(RunningProgram program) =>
        _last = await Eventually.GetAsync(() => ReadNumberAsync(program), count => count >= _last);

    /// <summary>After a restore: the program goes on from where it was.</summary>
    public Task GoesOnAsync(RunningProgram program) => GoesOnAsync(program, _last);

    /// <summary>The same for one of several copies, of a checkpoint at which the count was this.</summary>
    public async Task GoesOnAsync(RunningProgram program, long noted)
    {
        var first = await IsThereAsync(program, noted);
        _last = await Eventually.GetAsync(() => ReadNumberAsync(program), count => count > first);
    }

    /// <summary>After a restore: the program is where it was. Returns its count.</summary>
    public async Task<long> IsThereAsync(RunningProgram program, long noted)
    {
        var first = await Eventually.GetAsync(() => ReadNumberAsync(program), count => count >= 0);
        Assert.True(first >= noted, $"the count was {noted} and is {first}");
        return _last = first;
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
