using Stasis.Engine.Oci;
using Xunit;

namespace Stasis.UnitTests.Oci;

public sealed class RuntimeLogTests
{
    [Fact]
    public void Only_errors_of_this_call_are_its_words()
    {
        using var directory = new TempDirectory();
        var path = directory.File("log", """{"level":"error","msg":"an earlier call's","time":"t"}""" + "\n");
        var log = RuntimeLog.OpenAtEnd(path);
        Assert.Null(log.ReadErrors());

        directory.File("log", """
            {"level":"warning","msg":"careful","time":"t"}
            not json
            {"level":"error","msg":"inner\n","time":"t"}
            {"level":"error","msg":"outer: inner","time":"t"}
            {"level":"error","msg":"outer: inner","time":"t"}
            """);

        Assert.Equal("inner; outer: inner", log.ReadErrors());
    }

    [Fact]
    public void A_log_that_was_never_made_has_no_words() => Assert.Null(RuntimeLog.OpenAtEnd("/no/such/log").ReadErrors());
}
