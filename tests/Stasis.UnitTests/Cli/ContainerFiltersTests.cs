using Stasis.Cli.Filters;
using Stasis.Cli.Parsing;
using Stasis.Engine;
using Stasis.Engine.Model;
using Stasis.UnitTests.Storage;
using Xunit;

namespace Stasis.UnitTests.Cli;

public sealed class ContainerFiltersTests : IDisposable
{
    private readonly TempDirectory _temp = new();
    private readonly StasisEngine _engine;

    public ContainerFiltersTests()
    {
        _engine = new StasisEngine(new EngineOptions { Root = _temp.Layout.Root, RunRoot = _temp.Layout.RunRoot });
        Insert("web", 'a', "cache", new ContainerState { Status = ContainerStatus.Running }, ["nginx"], hours: 3);
        Insert("db", 'b', "data", new ContainerState { Status = ContainerStatus.Exited, ExitCode = 3 }, ["postgres"], hours: 2);
        Insert("job", 'c', null, new ContainerState(), null, hours: 1);
    }

    public void Dispose()
    {
        _engine.Dispose();
        _temp.Dispose();
    }

    [Theory]
    [InlineData("web db job")]
    [InlineData("web", "id=aaa")]
    [InlineData("web job", "name=^w", "name=^j")]
    [InlineData("web", "name=/web")]
    [InlineData("web db", "label=command")]
    [InlineData("db", "label=command=postgres")]
    [InlineData("", "label=command=postgres", "label=command=nginx")]
    [InlineData("job", "label!=command")]
    [InlineData("db", "status=exited")]
    [InlineData("db job", "status=stopped", "status=created")]
    [InlineData("db", "exited=3")]
    [InlineData("", "exited=0")]
    [InlineData("db", "volume=data")]
    [InlineData("", "volume=nope")]
    [InlineData("web db job", "ancestor=counter")]
    [InlineData("web", "before=db")]
    [InlineData("db job", "since=web")]
    [InlineData("web", "until=150m")]
    [InlineData("db", "command=^post")]
    [InlineData("web db job", "restart-policy=none")]
    [InlineData("", "restart-policy=always")]
    [InlineData("", "health=healthy")]
    [InlineData("", "network=nope")]
    [InlineData("db", "label=command", "status=exited", "name=b")]
    public void Filters_match_any_value_of_a_key_and_all_keys(string expected, params string[] filters)
    {
        var parsed = ContainerFilters.Parse(filters, _engine);
        Assert.Equal(
            expected.Split(' ', StringSplitOptions.RemoveEmptyEntries).Order(),
            _engine.ContainerStore.List().Where(parsed.Match).Select(container => container.Name).Order());
    }

    [Theory]
    [InlineData("name")]
    [InlineData("size=1")]
    [InlineData("status=gone")]
    [InlineData("exited=x")]
    [InlineData("name=(")]
    public void Wrong_filter_is_refused(string filter) =>
        Assert.Throws<UsageException>(() => ContainerFilters.Parse([filter], _engine));

    [Fact]
    public void Prune_refuses_other_filters() => Assert.Throws<UsageException>(() => ContainerFilters.ParsePrune(["name=x"]));

    private void Insert(string name, char digit, string? volume, ContainerState state, string[]? command, int hours)
    {
        var made = ContainerStoreTests.Make(name, digit, null, volume is null ? [] : [volume]);
        _engine.ContainerStore.Insert(made with
        {
            State = state,
            Config = made.Config with
            {
                Command = command,
                CreatedTime = DateTimeOffset.UtcNow.AddHours(-hours),
                RootfsImageName = "localhost/counter:latest",
                Labels = command is null ? null : new Dictionary<string, string> { ["command"] = command[0] },
            },
        });
    }
}
