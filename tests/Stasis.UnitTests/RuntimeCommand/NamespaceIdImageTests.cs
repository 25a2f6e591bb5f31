using Stasis.Engine.Criu.Images;
using Stasis.Engine.Errors;
using Stasis.Engine.RuntimeCommand;
using Xunit;

namespace Stasis.UnitTests.RuntimeCommand;

/// <summary>Namespaces of real images that CRIU is to join instead of making them.</summary>
public sealed class NamespaceIdImageTests : IDisposable
{
    private readonly FittedImages _images = new();

    private string Folder => _images.Original.Images;

    public void Dispose() => _images.Dispose();

    [Fact]
    public void All_tasks_are_in_the_namespace_that_CRIU_is_in()
    {
        var host = Read("inventory", "inventory.img").Child("root_ids")!.Value.Number("uts_ns_id");
        Assert.NotEqual(host, Read("ids-", "ids-1.img").Number("uts_ns_id"));

        NamespaceIdImage.Join(Folder, "uts", "golden");

        Assert.All(
            Directory.EnumerateFiles(Folder, "ids-*.img"),
            path => Assert.Equal(host, Read("ids-", Path.GetFileName(path)).Number("uts_ns_id")));
        Assert.Empty(Directory.EnumerateFiles(Folder, "utsns-*.img"));
    }

    /// <summary>The golden container has System V shared memory.</summary>
    [Fact]
    public void Objects_of_an_IPC_namespace_cannot_be_restored_into_another_ones()
    {
        Assert.NotEmpty(Directory.EnumerateFiles(Folder, "ipcns-shm-*.img"));

        var refused = Assert.Throws<StasisException>(() => NamespaceIdImage.Join(Folder, "ipc", "golden"));

        Assert.Contains("System V shared memory", refused.Message, StringComparison.Ordinal);
    }

    private ImageRecord Read(string kind, string file) =>
        LocalImageFile.TryReadFirst(Path.Combine(Folder, file), ImageKind.Get(kind))!.Value;
}
