using Stasis.Engine;
using Stasis.Engine.Containers;
using Stasis.UnitTests.Storage;
using Xunit;

namespace Stasis.UnitTests.Containers;

public class TransitionsTests
{
    /// <summary>Verbs down, states across: A allowed, D done already, R refused.</summary>
    private static readonly (Verb Verb, string Created, string Running, string Paused, string Exited, string Removing)[] Expected =
    [
        (Verb.Start, "A", "D", "R", "A", "R"),
        (Verb.Stop, "D", "A", "A", "D", "R"),
        (Verb.Restart, "A", "A", "A", "A", "R"),
        (Verb.Kill, "R", "A", "A", "R", "R"),
        (Verb.Pause, "R", "A", "R", "R", "R"),
        (Verb.Unpause, "R", "R", "A", "R", "R"),
        (Verb.Remove, "A", "R", "R", "A", "A"),
        (Verb.ForceRemove, "A", "A", "A", "A", "A"),
        (Verb.Rename, "A", "A", "A", "A", "R"),
        (Verb.Exec, "R", "A", "R", "R", "R"),
        (Verb.Attach, "R", "A", "R", "R", "R"),
        (Verb.Top, "R", "A", "A", "R", "R"),
        (Verb.Checkpoint, "R", "A", "R", "R", "R"),
        (Verb.Restore, "R", "R", "R", "A", "R"),
    ];

    [Fact]
    public void Every_verb_has_its_answer_in_every_state()
    {
        Assert.Equal(Enum.GetValues<Verb>(), Expected.Select(row => row.Verb));
        foreach (var (verb, created, running, paused, exited, removing) in Expected)
        {
            var actual = Enum.GetValues<ContainerStatus>().Select(status => $"{Transitions.Of(verb, status).Transition}"[..1]);
            Assert.Equal([created, running, paused, exited, removing], actual);
        }
    }

    [Fact]
    public void A_refusal_says_the_state_and_what_to_do()
    {
        var refused = from verb in Enum.GetValues<Verb>()
                      from status in Enum.GetValues<ContainerStatus>()
                      where Transitions.Of(verb, status).Transition == Transition.Refused
                      select (verb, status);
        Assert.All(refused, c =>
        {
            var container = ContainerStoreTests.Make("web", 'a') with { State = new ContainerState { Status = c.status } };
            var e = Assert.Throws<InvalidStateException>(() => Transitions.Require(c.verb, container));
            Assert.Contains($"container web: it is {Transitions.Word(c.status)}", e.Message, StringComparison.Ordinal);
            Assert.NotNull(e.Remedy);
            Assert.DoesNotContain("{0}", e.Remedy, StringComparison.Ordinal);
        });
    }
}
