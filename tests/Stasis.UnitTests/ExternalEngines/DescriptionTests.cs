using Stasis.Engine.ExternalEngines;
using Stasis.Engine.RuntimeSpec;
using Xunit;

namespace Stasis.UnitTests.ExternalEngines;

public sealed class DescriptionTests : IDisposable
{
    private const string Id = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

    private readonly TempDirectory _temp = new();

    public void Dispose() => _temp.Dispose();

    [Fact]
    public void Docker_is_read_wherever_its_data_is()
    {
        var folder = Directory.CreateDirectory(Path.Combine(_temp.Path, "data/containers", Id)).FullName;
        File.WriteAllText(Path.Combine(folder, "config.v2.json"),
            $$"""{"Name": "/web", "Config": {"Image": "nginx:1"}, "Image": "sha256:{{Id}}", "LogPath": "/l"}""");
        var mounts = new OciMount { Destination = "/etc/hosts", Type = "bind", Source = Path.Combine(folder, "hosts") };
        var found = DockerDescription.Describe(Task(new OciSpec { Mounts = [mounts] }));
        Assert.Equal(("web", "nginx:1", Id, "/l"), (found.Name, found.Image, found.ImageId, found.JsonLog));
        Assert.Equal(Path.Combine(_temp.Path, "data/volumes"), found.Volumes);
    }

    [Fact]
    public void Container_of_kubernetes_is_named_by_namespace_pod_and_container()
    {
        var found = CriDescription.TryDescribe(Task(Annotated(
            ("io.kubernetes.cri.container-type", "container"), ("io.kubernetes.cri.container-name", "nginx"),
            ("io.kubernetes.cri.sandbox-name", "web-0"), ("io.kubernetes.cri.sandbox-namespace", "default"),
            ("io.kubernetes.cri.image-name", "docker.io/library/nginx:1"))), []);
        Assert.Equal(("nginx", "docker.io/library/nginx:1"), (found!.Name, found.Image));
        Assert.Equal(["default/web-0/nginx"], found.OtherNames);
    }

    [Theory]
    [InlineData("io.kubernetes.cri.container-type")]
    [InlineData("io.kubernetes.cri-o.ContainerType")]
    public void Sandbox_of_a_pod_is_no_container(string annotation)
    {
        var task = Task(Annotated((annotation, "sandbox"), ("io.kubernetes.cri.container-name", "pause")));
        Assert.True(CriDescription.IsSandbox(task));
        Assert.Null(CriDescription.TryDescribe(task, []));
    }

    [Fact]
    public void Podmans_image_is_read_from_its_storage()
    {
        var bundle = Directory.CreateDirectory(Path.Combine(_temp.Path, "overlay-containers", Id, "userdata")).FullName;
        File.WriteAllText(Path.Combine(_temp.Path, "overlay-containers/containers.json"),
            $$"""[{"id": "other"}, {"id": "{{Id}}", "image": "abc", "metadata": "{\"image-name\":\"localhost/web:latest\"}"}]""");
        var found = StorageDescription.Describe(Task(new OciSpec()) with { Bundle = bundle, Name = "web" });
        Assert.Equal(("web", "localhost/web:latest", "abc"), (found.Name, found.Image, found.ImageId));
    }

    private static OciSpec Annotated(params (string Name, string Value)[] annotations) =>
        new() { Annotations = annotations.ToDictionary(annotation => annotation.Name, annotation => annotation.Value) };

    private EngineTask Task(OciSpec spec) => new()
    {
        Engine = ContainerEngine.Docker,
        Id = Id,
        Bundle = _temp.Path,
        Spec = spec,
        Runtime = "runc",
        RuntimeRoot = "/run/runc",
        Supervisor = 1,
    };
}
