using System.Text.Json;
using Stasis.Engine.Errors;
using Stasis.Engine.RuntimeCommand.Hooks;
using Xunit;

namespace Stasis.UnitTests.RuntimeCommand.Hooks;

/// <summary>Hooks of a bundle, run as programs.</summary>
public sealed class BundleHooksTests : IDisposable
{
    private readonly TempDirectory _directory = new();

    private string State => Path.Combine(_directory.Path, "state.json");

    private string Said => Path.Combine(_directory.Path, "said");

    public void Dispose() => _directory.Dispose();

    [Fact]
    public void A_hook_gets_the_state_its_arguments_its_name_and_its_environment()
    {
        File.WriteAllText(State, "{\"id\":\"one\"}");
        var hooks = Read(
            $$"""
            {"prestart":[{"path":"/bin/sh","env":["NAME=value"],
              "args":["called","-c","{ echo $0 $1 $NAME; cat; } >{{Said}}","zero","first"]}]}
            """);

        hooks.Run(BundleHooks.Prestart, State);
        hooks.Run(BundleHooks.Poststop, State); // there is none

        Assert.Equal("zero first value\n{\"id\":\"one\"}", File.ReadAllText(Said));
    }

    [Fact]
    public void A_hook_that_fails_is_named_with_what_it_said()
    {
        File.WriteAllText(State, "{}");
        var hooks = Read("""{"createRuntime":[{"path":"/bin/sh","args":["sh","-c","echo why >&2; exit 3"]}]}""");

        var failure = Assert.Throws<StasisException>(() => hooks.Run(BundleHooks.CreateRuntime, State));

        Assert.Equal("the createRuntime hook /bin/sh failed with exit code 3: why", failure.Message);
    }

    [Theory]
    [InlineData("""{"path":"/no/such/hook"}""", "/no/such/hook failed")]
    [InlineData("""{"path":"/bin/sleep","args":["sleep","1000"],"timeout":1}""", "did not end within 1 s")]
    public void A_hook_that_is_not_there_or_takes_too_long_has_failed(string hook, string why)
    {
        File.WriteAllText(State, "{}");
        var hooks = Read($$"""{"prestart":[{{hook}}]}""");

        var failure = Assert.Throws<StasisException>(() => hooks.Run(BundleHooks.Prestart, State));

        Assert.Contains(why, failure.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("createContainer")]
    [InlineData("startContainer")]
    public void Hooks_that_run_in_the_container_are_refused(string kind)
    {
        Assert.Throws<StasisException>(() => Read($$"""{"{{kind}}":[{"path":"/x"}]}"""));
        Assert.False(Read($$"""{"{{kind}}":[]}""").Has(kind));
    }

    [Fact]
    public void Without_hooks_there_are_none() => Assert.False(BundleHooks.Read(null).Has(BundleHooks.Prestart));

    private static BundleHooks Read(string json) => BundleHooks.Read(JsonDocument.Parse(json).RootElement);
}
