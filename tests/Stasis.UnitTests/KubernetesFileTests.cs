using System.Text.RegularExpressions;
using Stasis.Cli;
using Stasis.Engine;
using Stasis.Engine.RuntimeCommand;
using Xunit;
using YamlDotNet.RepresentationModel;

namespace Stasis.UnitTests;

/// <summary>The files of deploy/kubernetes can be read, and agree with each other, with the node's image and with the code.</summary>
public partial class KubernetesFileTests
{
    private static readonly string Folder = Path.Combine(Repository.Root, "deploy/kubernetes");
    private static readonly string Installer = File.ReadAllText(Path.Combine(Repository.Root, "packaging/node/stasis-node"));
    private static readonly string Page = File.ReadAllText(Path.Combine(Repository.Root, "docs/kubernetes.md"));

    private static readonly string[] EngineFiles = ["containerd-config.toml", "crio.conf"];

    private static YamlNode DaemonSet => Read("daemonset.yaml").Single(document => Text(document, "kind") == "DaemonSet");

    private static YamlNode Job => Read("checkpoint-job.yaml").Single();

    private static YamlNode JobContainer => Containers(PodOf(Job)).Single();

    private static YamlNode Deployment => Read("deployment.yaml").Single();

    private static YamlNode RuntimeClass => Read("runtimeclass.yaml").Single();

    public static TheoryData<string> YamlFiles => [.. Directory.GetFiles(Folder, "*.yaml").Select(path => Path.GetFileName(path)!)];

    [Theory]
    [MemberData(nameof(YamlFiles))]
    public void File_holds_named_objects(string file) =>
        Assert.All(Read(file), document =>
        {
            Assert.NotEmpty(Text(document, "apiVersion"));
            Assert.NotEmpty(Text(document, "kind"));
            Assert.Contains(Strings(document, "metadata"), pair => pair.Key is "name" or "generateName");
        });

    [Theory]
    [MemberData(nameof(YamlFiles))]
    public void Volumes_that_containers_mount_are_there(string file)
    {
        foreach (var pod in Read(file).Where(document => Find(document, "spec", "template") is not null).Select(PodOf))
        {
            var volumes = Items(pod, "volumes").Select(volume => Text(volume, "name")).ToList();
            var mounts = Containers(pod).SelectMany(container => Items(container, "volumeMounts")).Select(mount => Text(mount, "name"));
            Assert.Equal(volumes.Order(StringComparer.Ordinal), mounts.Distinct().Order(StringComparer.Ordinal));
        }
    }

    [Fact]
    public void Handler_is_the_one_that_the_engines_files_add()
    {
        var handler = Text(RuntimeClass, "handler");
        foreach (var text in EngineFiles.Select(file => File.ReadAllText(Path.Combine(Folder, file))))
        {
            Assert.Contains($"runtimes.{handler}]", text, StringComparison.Ordinal);
            Assert.Contains($"/usr/local/bin/{RuntimeProgram.Name}", text, StringComparison.Ordinal);
        }
        Assert.Contains($"/usr/local/bin/{RuntimeProgram.Name}", Installer, StringComparison.Ordinal);
    }

    [Fact]
    public void Annotations_that_containerd_passes_on_are_those_that_the_runtime_reads() =>
        Assert.Contains(
            $"pod_annotations = ['{BundleCheckpoint.PodAnnotation}*', 'dev.stasis.*']",
            File.ReadAllText(Path.Combine(Folder, EngineFiles[0])),
            StringComparison.Ordinal);

    /// <summary>CRI-O knows all annotations that may be in this list, and refuses to start with others.</summary>
    [Fact]
    public void CriO_gets_no_list_of_annotations() =>
        Assert.DoesNotContain(
            File.ReadLines(Path.Combine(Folder, EngineFiles[1])),
            line => line.StartsWith("allowed_annotations", StringComparison.Ordinal));

    [Fact]
    public void Deployment_mounts_a_checkpoint_where_the_runtime_looks_for_it()
    {
        var pod = PodOf(Deployment);
        Assert.Equal(Text(RuntimeClass, "metadata", "name"), Text(pod, "runtimeClassName"));
        var mount = Items(Containers(pod).Single(), "volumeMounts").Single();
        Assert.Equal(BundleCheckpoint.MountPoint, Text(mount, "mountPath"));
        Assert.Equal(PushedBy(Job), Text(Items(pod, "volumes").Single(), "image", "reference"));
    }

    [Fact]
    public void Node_image_has_the_name_and_version_that_are_built()
    {
        var images = Containers(PodOf(DaemonSet)).Append(JobContainer).Select(container => Text(container, "image")).Distinct();
        var name = Assert.Single(images).Split('/')[^1];
        Assert.Equal($"stasis-node:{typeof(StasisEngine).Assembly.GetName().Version!.ToString(3)}", name);
        var script = File.ReadAllText(Path.Combine(Repository.Root, "eng/image.sh"));
        Assert.Contains("name=localhost/stasis-node:$version\n", script, StringComparison.Ordinal);
    }

    [Fact]
    public void Containers_of_the_node_image_get_verbs_that_it_has()
    {
        var verbs = VerbPattern().Matches(Installer).Select(match => match.Groups[1].Value).ToHashSet(StringComparer.Ordinal);
        var used = Containers(PodOf(DaemonSet)).Append(JobContainer).Select(container => Arguments(container)[0]);
        Assert.Subset(verbs, used.ToHashSet(StringComparer.Ordinal));
        Assert.Contains("uninstall", verbs);
    }

    [Fact]
    public void DaemonSet_mounts_what_the_installer_writes_to()
    {
        var pod = PodOf(DaemonSet);
        foreach (var mount in Containers(pod).SelectMany(container => Items(container, "volumeMounts")))
        {
            var volume = Items(pod, "volumes").Single(volume => Text(volume, "name") == Text(mount, "name"));
            Assert.Equal("/host" + Text(volume, "hostPath", "path"), Text(mount, "mountPath"));
        }
        var written = PathPattern().Matches(Installer).Select(match => match.Value).Distinct();
        Assert.Equal(["/etc/containerd", "/etc/crio", "/usr/local"], written.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Only_the_job_is_privileged()
    {
        Assert.Equal("true", Text(JobContainer, "securityContext", "privileged"));
        Assert.Equal("true", Text(PodOf(Job), "hostPID"));
        Assert.All(Containers(PodOf(DaemonSet)), container =>
        {
            Assert.Null(Find(container, "securityContext", "privileged"));
            Assert.Equal("false", Text(container, "securityContext", "allowPrivilegeEscalation"));
            Assert.Equal("ALL", Text(Items(Find(container, "securityContext", "capabilities")!, "drop").Single()));
        });
    }

    [Fact]
    public void Job_gives_options_that_checkpoint_has()
    {
        string[] line = ["container", .. Arguments(JobContainer)];
        Assert.Equal("checkpoint", line[1]);
        Assert.Empty(CommandTree.Build(line).Parse(line).Errors);
    }

    [Fact]
    public void Credentials_are_where_the_installer_looks_for_them()
    {
        var mount = Items(JobContainer, "volumeMounts").Single();
        var item = Items(Find(Items(PodOf(Job), "volumes").Single(), "secret")!, "items").Single();
        Assert.Contains($"[ -e {Text(mount, "mountPath")}/{Text(item, "path")} ]", Installer, StringComparison.Ordinal);
    }

    [Fact]
    public void Labels_of_nodes_are_explained()
    {
        var labels = Strings(RuntimeClass, "scheduling", "nodeSelector").Concat(Strings(PodOf(DaemonSet), "nodeSelector"))
            .Where(label => label.Key.StartsWith("stasis.dev/", StringComparison.Ordinal)).ToList();
        Assert.Equal(2, labels.Count);
        Assert.All(labels, label => Assert.Contains($"{label.Key}={label.Value}", Page, StringComparison.Ordinal));
    }

    private static List<YamlNode> Read(string file)
    {
        var stream = new YamlStream();
        using var reader = File.OpenText(Path.Combine(Folder, file));
        stream.Load(reader);
        return [.. stream.Documents.Select(document => document.RootNode)];
    }

    private static YamlNode PodOf(YamlNode controller) => Find(controller, "spec", "template", "spec")!;

    private static IEnumerable<YamlNode> Containers(YamlNode pod) => Items(pod, "initContainers").Concat(Items(pod, "containers"));

    private static string PushedBy(YamlNode job)
    {
        var arguments = Arguments(Containers(PodOf(job)).Single());
        return arguments[arguments.IndexOf("--push") + 1];
    }

    private static List<string> Arguments(YamlNode container) => [.. Items(container, "args").Select(argument => Text(argument))];

    private static YamlNode? Find(YamlNode? node, params string[] path) =>
        path.Aggregate(node, Child);

    private static YamlNode? Child(YamlNode? node, string name) =>
        node is YamlMappingNode map && map.Children.TryGetValue(new YamlScalarNode(name), out var child) ? child : null;

    private static string Text(YamlNode node, params string[] path) =>
        (Find(node, path) as YamlScalarNode)?.Value ?? throw new KeyNotFoundException(string.Join('.', path));

    private static IEnumerable<YamlNode> Items(YamlNode node, string name) => Find(node, name) as YamlSequenceNode ?? [];

    private static IEnumerable<KeyValuePair<string, string>> Strings(YamlNode node, params string[] path) =>
        from pair in Find(node, path) is YamlMappingNode map ? map.Children.ToList() : []
        where pair.Value is YamlScalarNode
        select KeyValuePair.Create(Text(pair.Key), Text(pair.Value));

    // "#   stasis-node install         copies programs …"
    [GeneratedRegex("^#   stasis-node ([a-z]+)", RegexOptions.Multiline)]
    private static partial Regex VerbPattern();

    // In code: not in a comment, and not a path of the image's own.
    [GeneratedRegex("(?<=^[^#\\n]*[ =])/(?:usr/local|etc/[a-z]+)(?=/)", RegexOptions.Multiline)]
    private static partial Regex PathPattern();
}
