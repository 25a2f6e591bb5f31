using Stasis.Engine.RuntimeSpec;
using Stasis.Engine.Checkpoints.Import;
using Stasis.Engine;
using Stasis.Engine.Archive;
using Stasis.Engine.Checkpoints;
using Stasis.Engine.Checkpoints.Restore;
using Stasis.Engine.Errors;
using Stasis.Engine.Model;
using Xunit;

namespace Stasis.UnitTests.Checkpoints.Restore;

public sealed class RestoredVolumesTests : IDisposable
{
    private readonly TempDirectory _temp = new();
    private readonly StasisEngine _engine;

    public RestoredVolumesTests()
    {
        _engine = new StasisEngine(new EngineOptions { Root = _temp.Layout.Root, RunRoot = _temp.Layout.RunRoot });
        Directory.CreateDirectory(Path.Combine(_temp.Path, "volumes"));
        foreach (var name in (string[])["data", "logs", "nameless"])
            File.AppendAllText(Checkpoint.Volume(name), "");
    }

    public void Dispose()
    {
        _engine.Dispose();
        _temp.Dispose();
    }

    private CheckpointEntryPaths Checkpoint => new(_temp.Path);

    private string[] Plan(RestoreOptions options, params NamedVolume[] volumes) => Plan(true, options, volumes);

    private string[] Plan(bool isOwn, RestoreOptions options, params NamedVolume[] volumes) =>
        [
            .. RestoredVolumes.Plan(
                _engine,
                new DumpedContainer(new ContainerConfig { Id = "", Name = "c", NamedVolumes = volumes }, new OciSpec()) { IsLocal = isOwn },
                options,
                Checkpoint,
                "a.tar").Named.Select(volume => volume.Name)
        ];

    private static NamedVolume Volume(string name, string destination = "/data") => new() { Name = name, Destination = destination };

    private static RestoreOptions Renaming(params (string Old, string New)[] names) =>
        new() { Volumes = names.ToDictionary(pair => pair.Old, pair => pair.New) };

    [Fact]
    public void They_keep_their_names_or_get_those_asked_for()
    {
        Assert.Equal(["data", "logs"], Plan(new RestoreOptions(), Volume("data"), Volume("logs")));
        Assert.Equal(["data2", "logs", "data2"],
            Plan(Renaming(("data", "data2")), Volume("data"), Volume("logs"), Volume("data", "/again")));
        Assert.Equal(["logs", "data"], Plan(Renaming(("data", "logs"), ("logs", "data")), Volume("data"), Volume("logs")));
    }

    [Fact]
    public void One_that_is_there_is_refused_with_both_ways_out()
    {
        _engine.Volumes.Create("data");
        var refusal = Assert.Throws<InUseException>(() => Plan(new RestoreOptions(), Volume("data")));
        Assert.Contains("volume with name data already exists", refusal.Message, StringComparison.Ordinal);
        Assert.Contains("--ignore-volumes", refusal.Remedy, StringComparison.Ordinal);
        Assert.Contains("--volume data=NEW", refusal.Remedy, StringComparison.Ordinal);
        Assert.Throws<InUseException>(() => Plan(Renaming(("logs", "data")), Volume("logs")));
        Assert.Equal(["data"], Plan(new RestoreOptions { IgnoreVolumes = true }, Volume("data")));
    }

    [Fact]
    public void A_foreign_archive_isn_t_offered_the_volumes_of_this_host()
    {
        _engine.Volumes.Create("data");

        var refusal = Assert.Throws<InUseException>(() => Plan(false, new RestoreOptions(), Volume("data")));
        var lost = Assert.Throws<ArchiveException>(() => Plan(false, new RestoreOptions(), Volume("lost")));

        Assert.Contains("a.tar", refusal.Message, StringComparison.Ordinal);
        Assert.Contains("--volume data=NEW", refusal.Remedy, StringComparison.Ordinal);
        Assert.DoesNotContain("--ignore-volumes", refusal.Remedy, StringComparison.Ordinal);
        Assert.DoesNotContain("--ignore-volumes", lost.Remedy, StringComparison.Ordinal);
    }

    [Fact]
    public void Copies_must_not_have_one_in_common()
    {
        var config = new ContainerConfig
        {
            Id = "",
            Name = "c",
            NamedVolumes = [Volume("data"), Volume("nameless", "/x") with { IsAnonymous = true }]
        };
        void Require(bool keepGoing, params RestoreOptions[] copies) =>
            RestoredVolumes.RequireApart(_engine, config, copies, "container c", isOwn: true, keepGoing);
        RestoreOptions one =
            Renaming(("data", "v")) with { Identity = new() { Name = "one" } }, two =
                Renaming(("data", "v")) with { Identity = new() { Name = "two" } };

        var refusal = Assert.ThrowsAny<StasisException>(() => Require(true, one, two));
        Assert.Equal("the copies one and two would both have the volume v", refusal.Message);
        Assert.Contains("--volume data=data-{n}", refusal.Remedy, StringComparison.Ordinal);
        Require(false, one with { IgnoreVolumes = true }, two with { IgnoreVolumes = true });
        Require(false, one, Renaming(("data", "w")) with { Identity = new() { Name = "two" } });
        _engine.Volumes.Create("v");
        refusal = Assert.Throws<InUseException>(() => Require(false, one));
        Assert.DoesNotContain("archive", refusal.Message + refusal.Remedy, StringComparison.Ordinal);
        Require(true, one);
    }

    [Fact]
    public void An_anonymous_one_of_a_copy_gets_a_name_of_its_own()
    {
        var nameless = Volume("nameless") with { IsAnonymous = true };
        Assert.Equal(["nameless"], Plan(new RestoreOptions(), nameless));
        Assert.Matches("^[0-9a-f]{64}$", Assert.Single(Plan(new RestoreOptions { Identity = new() { Name = "copy" } }, nameless)));
        Assert.Equal(["chosen"], Plan(Renaming(("nameless", "chosen")) with { Identity = new() { Name = "copy" } }, nameless));
    }

    [Fact]
    public void Content_that_the_archive_lacks_is_told()
    {
        var refusal = Assert.Throws<ArchiveException>(() => Plan(new RestoreOptions(), Volume("lost")));
        Assert.Equal("volumes/lost.tar", refusal.Entry);
        Assert.Contains("--ignore-volumes", refusal.Remedy, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("other", "new", "has no volume other")]
    [InlineData("data", "../new", "a name has letters, digits")]
    [InlineData("data", "logs", "would both be logs")]
    public void A_renaming_that_makes_no_sense_is_refused(string old, string name, string why) =>
        Assert.Contains(why, Assert.ThrowsAny<StasisException>(() => Plan(Renaming((old, name)), Volume("data"), Volume("logs"))).Message,
            StringComparison.Ordinal);

    [Fact]
    public void A_name_that_could_be_a_path_is_refused() =>
        Assert.Throws<ArchiveException>(() => Plan(new RestoreOptions { IgnoreVolumes = true }, Volume("../../etc")));
}
