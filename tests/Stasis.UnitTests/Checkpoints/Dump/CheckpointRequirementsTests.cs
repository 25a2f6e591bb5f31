using Stasis.Engine.Checkpoints;
using Stasis.Engine.Checkpoints.Dump;
using Stasis.Engine.Errors;
using Xunit;

namespace Stasis.UnitTests.Checkpoints.Dump;

public class CheckpointRequirementsTests
{
    public static TheoryData<CheckpointOptions, string> Contradictions => new()
    {
        { new CheckpointOptions { Export = "a.tar", CreateImage = "image" }, "not into both" },
        { new CheckpointOptions { Store = true, Export = "a.tar" }, "only one of them" },
        { new CheckpointOptions { Store = true, CreateImage = "image" }, "only one of them" },
        { new CheckpointOptions { CreateImage = "no such:name:at all" }, "name" },
        { new CheckpointOptions { Encrypt = ["age1abc"] }, "only an archive can be encrypted" },
        { new CheckpointOptions { PreCheckpoint = true, WithPrevious = true }, "--pre-checkpoint" },
    };

    [Theory]
    [MemberData(nameof(Contradictions))]
    public void Options_that_contradict_each_other_are_refused(CheckpointOptions options, string reason)
    {
        var refusal = Assert.Throws<StasisException>(() => CheckpointRequirements.RequireValid(options));

        Assert.Contains(reason, refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Options_for_each_destination_are_accepted()
    {
        CheckpointRequirements.RequireValid(new CheckpointOptions());
        CheckpointRequirements.RequireValid(new CheckpointOptions { Export = "a.tar", Encrypt = ["age1abc"] });
        CheckpointRequirements.RequireValid(new CheckpointOptions { CreateImage = "image" });
        CheckpointRequirements.RequireValid(new CheckpointOptions { Store = true, LeaveRunning = true });
    }
}
