using Stasis.Cli.Output;
using Stasis.Engine.Errors;
using Stasis.Engine.Model;
using Stasis.Engine.RuntimeSpec;
using Stasis.Engine.Storage;
using Stasis.Engine.Storage.Sqlite;
using Xunit;

namespace Stasis.UnitTests.Storage;

public sealed class ContainerStoreTests : IDisposable
{
    private readonly TempDirectory _temp = new();
    private readonly Database _database;
    private readonly ContainerStore _store;

    public ContainerStoreTests()
    {
        _database = Database.Open(_temp.Layout);
        _store = new ContainerStore(_database);
    }

    public void Dispose()
    {
        _database.Dispose();
        _temp.Dispose();
    }

    internal static Container Make(string name, char id, string? image = null, params string[] volumes) => new(
        new ContainerConfig
        {
            Id = new string(id, 64),
            Name = name,
            RootfsImageId = image,
            NamedVolumes = [.. volumes.Select(v => new NamedVolume { Name = v, Destination = "/" + v })],
        },
        new OciSpec { Hostname = name },
        new ContainerState())
    {
        Layers = ["sha256:low", "sha256:high"],
    };

    [Fact]
    public void Inserted_container_is_read_back()
    {
        _store.Insert(Make("web", 'a', "img"));
        var back = _store.Get("web");
        Assert.Equal("web", back.Spec.Hostname);
        Assert.Equal(["sha256:low", "sha256:high"], back.Layers);
        Assert.Equal(ContainerStatus.Created, back.State.Status);
        Assert.Equal(["web"], _store.ByImage("img"));
        Assert.Contains("sha256:high", _store.LayersInUse());
    }

    [Fact]
    public void A_name_is_taken_once()
    {
        _store.Insert(Make("web", 'a'));
        var e = Assert.Throws<InUseException>(() => _store.Insert(Make("web", 'b')));
        Assert.Equal("the container name \"web\" is already in use by container aaaaaaaaaaaa", e.Message);
        Assert.Equal("remove that container (stasis rm web), or choose another name", e.Remedy!.ToString(RemedyText.Word));
        Assert.Single(_store.List());
    }

    [Fact]
    public void An_ID_is_taken_once()
    {
        _store.Insert(Make("web", 'a'));
        Assert.Contains("already in use by the container \"web\"",
            Assert.Throws<InUseException>(() => _store.Insert(Make("other", 'a'))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Is_found_by_ID_name_and_prefix()
    {
        _store.Insert(Make("web", 'a'));
        _store.Insert(Make("aaa", 'b'));
        Assert.Equal("web", _store.Get(new string('a', 64)).Name);
        Assert.Equal("web", _store.Get("aa").Name);
        Assert.Equal("aaa", _store.Get("aaa").Name); // the name, though it is also a prefix of web's ID
        Assert.Null(_store.Find("we"));
        Assert.Null(_store.Find(""));
        Assert.Null(_store.Find("a%"));
        Assert.Throws<NotFoundException>(() => _store.Get("c"));
    }

    [Fact]
    public void An_ambiguous_prefix_is_an_error()
    {
        var one = Make("one", 'a');
        _store.Insert(one);
        _store.Insert(one with { Config = one.Config with { Id = "aab" + new string('0', 61), Name = "two" } });
        Assert.Contains("more than one", Assert.Throws<StasisException>(() => _store.Find("aa")).Message, StringComparison.Ordinal);
        Assert.Equal("two", _store.Get("aab").Name);
    }

    [Fact]
    public void Renamed_it_is_found_by_the_new_name_alone()
    {
        _store.Insert(Make("web", 'a'));
        _store.Insert(Make("db", 'b'));
        var web = _store.Get("web");
        _store.Rename(web with { Config = web.Config with { Name = "www" } });
        Assert.Null(_store.Find("web"));
        Assert.Equal("www", _store.Get("www").Name);
        Assert.Throws<InUseException>(() => _store.Rename(web with { Config = web.Config with { Name = "db" } }));
    }

    [Fact]
    public void Volumes_know_their_users()
    {
        _store.Insert(Make("web", 'a', null, "data", "logs"));
        _store.Insert(Make("db", 'b', null, "data"));
        Assert.Equal(["web", "db"], _store.ByVolume("data"));
        Assert.Equal(["web"], _store.ByVolume("logs"));
        Assert.Empty(_store.ByVolume("dat"));
    }

    [Fact]
    public void Unfinished_container_is_not_listed()
    {
        var operations = new OperationJournal(_database);
        _store.Insert(Make("web", 'a'));
        operations.Begin(new string('a', 64), OperationKind.Create);
        Assert.Empty(_store.List());
        operations.End(new string('a', 64));
        Assert.Single(_store.List());
        _store.Delete(new string('a', 64));
        Assert.Empty(_store.List());
    }

    [Fact]
    public void Operations_keep_their_step_and_data()
    {
        var operations = new OperationJournal(_database);
        operations.Begin("x", OperationKind.Checkpoint, """{"a":1}""");
        operations.Step("x", "frozen");
        Assert.Equal("frozen", operations.Find("x")!.Step);
        Assert.Equal("""{"a":1}""", operations.Find("x")!.Data);
        operations.Step("x", "written", "{}");
        Assert.Equal("{}", operations.List().Single().Data);
        operations.End("x");
        Assert.Null(operations.Find("x"));
    }
}
