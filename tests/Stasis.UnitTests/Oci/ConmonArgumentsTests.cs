using Stasis.Engine.Model;
using Stasis.Engine.Oci;
using Stasis.Engine.RuntimeSpec;
using Stasis.Engine.Storage;
using Xunit;

namespace Stasis.UnitTests.Oci;

public sealed class ConmonArgumentsTests : IDisposable
{
    private readonly TempDirectory _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_restore_names_the_images_and_each_flag_of_the_runtime()
    {
        var arguments = Build(new RestoreRequest("/images", ["--tcp-established", "--file-locks"], [], Allowed: null));

        Assert.Equal(["/images"], GetValues(arguments, "--restore"));
        Assert.Equal(["--tcp-established", "--file-locks"], GetValues(arguments, "--runtime-opt"));
    }

    [Fact]
    public void Command_in_place_of_the_runtime_gets_the_runtimes_arguments()
    {
        var arguments = Build(new RestoreRequest("/images", [], [], Allowed: []), ["/usr/bin/stasis", "run-jailed", "/plan.json"]);

        Assert.Equal(["/usr/bin/stasis"], GetValues(arguments, "--runtime"));
        Assert.Equal(["run-jailed", "/plan.json", "--root"], GetValues(arguments, "--runtime-arg").Take(3));
    }

    [Fact]
    public void A_creation_names_no_images()
    {
        var arguments = Build(restore: null);

        Assert.Empty(GetValues(arguments, "--restore"));
        Assert.Empty(GetValues(arguments, "--runtime-opt"));
        Assert.Equal(["stasis"], GetValues(arguments, "--exit-command"));
        Assert.Equal(["container", "cleanup", "id"], GetValues(arguments, "--exit-command-arg"));
    }

    private IReadOnlyList<string> Build(RestoreRequest? restore, IReadOnlyList<string>? command = null)
    {
        var layout = new Layout(Path.Combine(_folder.Path, "root"), Path.Combine(_folder.Path, "run"));
        return ConmonArguments.ForContainer(Runtime.Find(layout, "/bin/sh"), RuntimeLog.OpenAtEnd("/no/such/log"), new ConmonRequest
        {
            Container = new Container(new ContainerConfig { Id = "id", Name = "name" }, new OciSpec(), new ContainerState()),
            Paths = layout.Container("id"),
            ExitCommand = ["stasis", "container", "cleanup", "id"],
            Restore = restore,
            RuntimeCommand = command,
        });
    }

    private static IEnumerable<string> GetValues(IReadOnlyList<string> arguments, string option) =>
        arguments.Index().Where(a => a.Index > 0 && arguments[a.Index - 1] == option).Select(a => a.Item);
}
