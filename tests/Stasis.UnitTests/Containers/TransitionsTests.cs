using Stasis.Engine.Containers.Supervision;
using Stasis.Engine.Errors;
using Stasis.Engine.Model;
using Stasis.UnitTests.Storage;
using Xunit;

namespace Stasis.UnitTests.Containers;

public class TransitionsTests
{
    /// <summary>Verbs down, states across: A allowed, D done already, R refused.</summary>
    private static readonly (TransitionVerb TransitionVerb, string Created, string Running, string Paused, string Exited, string Removing)[] Expected =
    [
        (TransitionVerb.Start, "A", "D", "R", "A", "R"),
        (TransitionVerb.StartAnew, "A", "D", "R", "A", "R"),
        (TransitionVerb.Stop, "D", "A", "A", "D", "R"),
        (TransitionVerb.Restart, "A", "A", "A", "A", "R"),
        (TransitionVerb.Kill, "R", "A", "A", "R", "R"),
        (TransitionVerb.Pause, "R", "A", "R", "R", "R"),
        (TransitionVerb.Unpause, "R", "R", "A", "R", "R"),
        (TransitionVerb.Remove, "A", "R", "R", "A", "A"),
        (TransitionVerb.ForceRemove, "A", "A", "A", "A", "A"),
        (TransitionVerb.Rename, "A", "A", "A", "A", "R"),
        (TransitionVerb.Exec, "R", "A", "R", "R", "R"),
        (TransitionVerb.Attach, "R", "A", "R", "R", "R"),
        (TransitionVerb.Top, "R", "A", "A", "R", "R"),
        (TransitionVerb.Checkpoint, "R", "A", "R", "R", "R"),
        (TransitionVerb.Restore, "R", "R", "R", "A", "R"),
    ];

    [Fact]
    public void Every_verb_has_its_answer_in_every_state()
    {
        Assert.Equal(Enum.GetValues<TransitionVerb>(), Expected.Select(row => row.TransitionVerb));
        foreach (var (verb, created, running, paused, exited, removing) in Expected)
        {
            var actual = Enum.GetValues<ContainerStatus>().Select(status => $"{Transitions.Get(verb, status).VerbEffect}"[..1]);
            Assert.Equal([created, running, paused, exited, removing], actual);
        }
    }

    [Fact]
    public void A_refusal_says_the_state_and_what_to_do()
    {
        var refused = from verb in Enum.GetValues<TransitionVerb>()
                      from status in Enum.GetValues<ContainerStatus>()
                      where Transitions.Get(verb, status).VerbEffect == VerbEffect.Refused
                      select (verb, status);
        Assert.All(refused, c =>
        {
            var container = ContainerStoreTests.Make("web", 'a') with { State = new ContainerState { Status = c.status } };
            var e = Assert.Throws<InvalidStateException>(() => Transitions.Require(c.verb, container));
            Assert.Contains($"container web: it is {Transitions.ToText(c.status)}", e.Message, StringComparison.Ordinal);
            Assert.NotNull(e.Remedy);
            Assert.DoesNotContain("{0}", e.Remedy, StringComparison.Ordinal);
        });
    }

    [Fact]
    public void Container_checkpointed_in_place_is_restored_and_not_started_by_mistake()
    {
        var container = ContainerStoreTests.Make("web",
            'a') with
        { State = new ContainerState { Status = ContainerStatus.Exited, Checkpointed = true, CheckpointPath = "/c" } };
        foreach (var verb in (TransitionVerb[])[TransitionVerb.Start, TransitionVerb.Restart])
        {
            var e = Assert.Throws<InvalidStateException>(() => Transitions.Require(verb, container));
            Assert.EndsWith("container web: it is checkpointed, and would begin anew", e.Message, StringComparison.Ordinal);
            Assert.Equal("bring it back: stasis container restore web; or give the checkpoint up: stasis start --discard-checkpoint web",
                e.Remedy);
        }
        foreach (var verb in (TransitionVerb[])[TransitionVerb.StartAnew, TransitionVerb.Restore, TransitionVerb.Remove])
            Assert.True(Transitions.Require(verb, container));
        Assert.Equal("it is checkpointed; bring it back: stasis container restore web",
            Assert.Throws<InvalidStateException>(() => Transitions.Require(TransitionVerb.Exec, container)).Remedy);
    }

    [Fact]
    public void Container_checkpointed_into_an_archive_may_be_started_or_restored_from_it()
    {
        var container = ContainerStoreTests.Make("web",
            'a') with
        { State = new ContainerState { Status = ContainerStatus.Exited, Checkpointed = true } };
        Assert.True(Transitions.Require(TransitionVerb.Start, container));
        Assert.Equal("it is checkpointed into an archive; bring it back: stasis rm web, then stasis container restore --import FILE",
            Assert.Throws<InvalidStateException>(() => Transitions.Require(TransitionVerb.Exec, container)).Remedy);
    }
}
