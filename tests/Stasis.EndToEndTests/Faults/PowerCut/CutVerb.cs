using Xunit;

namespace Stasis.EndToEndTests.Faults.PowerCut;

/// <summary>A command that the power is cut in, or after.</summary>
/// <param name="Arguments">The command.</param>
public sealed record CutVerb(params string[] Arguments)
{
    /// <summary>What has to be there before, after a boot.</summary>
    public Func<Machine, Task> Prepare { get; init; } = _ => Task.CompletedTask;

    /// <summary>After the next boot: whether it has been done.</summary>
    public required Func<Machine, Task<bool>> IsDone { get; init; }

    /// <summary>After that, what was done: that it is whole.</summary>
    public Func<Machine, Task> Done { get; init; } = _ => Task.CompletedTask;

    /// <summary>After that, what was not done: that it can be done now. Null for doing it again, and then <see cref="Done"/>.</summary>
    public Func<Machine, Task>? NotDone { get; init; }

    /// <summary>Looks at what is there after the next boot.</summary>
    /// <param name="machine">The machine.</param>
    /// <param name="isReported">Whether the command had ended with success when the power was cut.</param>
    public async Task CheckAsync(Machine machine, bool isReported)
    {
        var isDone = await IsDone(machine);
        Assert.True(isDone || !isReported, $"stasis {string.Join(' ', Arguments)} had reported success; after the cut it isn't done");
        if (!isDone && NotDone is not null)
        {
            await NotDone(machine);
            return;
        }
        if (!isDone)
        {
            await Prepare(machine);
            await machine.OkAsync(Arguments);
            Assert.True(await IsDone(machine));
        }
        await Done(machine);
    }

    public override string ToString() => string.Join(' ', Arguments);
}
