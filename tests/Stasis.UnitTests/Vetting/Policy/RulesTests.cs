using System.Text.Json;
using System.Text.Json.Nodes;
using Stasis.Engine;
using Stasis.Engine.Containers.Adoption;
using Stasis.Engine.Errors;
using Stasis.Engine.RuntimeSpec;
using Stasis.Engine.Vetting.Findings;
using Stasis.Engine.Vetting.Policy;
using Stasis.Engine.Vetting.Policy.References;
using Xunit;

namespace Stasis.UnitTests.Vetting.Policy;

/// <summary>Corners of the rules; what each is about the end-to-end tests forge into a real archive.</summary>
public sealed class RulesTests
{
    [Theory]
    // Go reads names in any case
    [InlineData("""{"spec":{"Hooks":{"prestart":[{"path":"/bin/sh"}]}}}""", "never field {\"prestart\":[{\"path\":\"/bin/sh\"}]}")]
    [InlineData("""{"spec":{"hooks":{}}}""")]
    [InlineData("""{"spec":{"linux":{"resources":{"Memory":{"limit":1}}}}}""", "resource:Memory.limit=1")]
    [InlineData("""{"spec":{"linux":{"Devices":[]}}}""")]
    // /dev/null
    [InlineData(
        """{"spec":{"linux":{"resources":{"devices":[{"allow":false,"access":"rwm"},"""
            + """{"allow":true,"type":"c","major":1,"minor":3,"access":"rwm"}]}}}}""")]
    [InlineData(
        """{"spec":{"linux":{"resources":{"devices":[{"allow":false,"access":"rwm"},"""
            + """{"allow":true,"type":"c","major":-1,"minor":-1,"access":"m"}]}}}}""",
        "device:c:*:*:m")]
    [InlineData(
        """{"spec":{"linux":{"resources":{"devices":[{"access":"rwm"}]}}}}""",
        "never device {\"access\":\"rwm\"}",
        "device:a:*:*:rwm")]
    [InlineData(
        """{"spec":{"process":{"apparmorProfile":"containers-default-0.62.2","selinuxLabel":"system_u:system_r:container_t:s0:c1,c2"}}}""")]
    [InlineData("""{"spec":{"linux":{"mountLabel":"system_u:object_r:container_file_t:s0:c1,c2"}}}""")]
    [InlineData("""{"spec":{"process":{"oomScoreAdj":0}}}""")]
    [InlineData("""{"spec":{"process":{"oomScoreAdj":"low"}}}""", "never oom-score \"low\"")]
    [InlineData(
        """{"spec":{"process":{"rlimits":[{"type":"RLIMIT_STACK","hard":18446744073709551615,"soft":8388608},"""
            + """{"type":"RLIMIT_MEMLOCK","hard":18446744073709551615,"soft":0}]}}}""",
        "rlimit:MEMLOCK=0:18446744073709551615")]
    [InlineData(
        """{"spec":{"domainname":"x","annotations":{"org.systemd.property.Slice":"x","harmless":"y"}}}""",
        "annotation:org.systemd.property.Slice=x")]
    [InlineData("""{"config":{"healthLogDestination":"/etc"}}""", "path:healthLogDestination=/etc")]
    [InlineData("""{"config":{"HEALTHLOGDESTINATION":"/etc"}}""", "path:healthLogDestination=/etc")] // as Podman reads it
    [InlineData("""{"config":{"runtime":"/usr/sbin/runc"}}""")]
    [InlineData("""{"config":{"networkMode":"container:x"}}""", "never network container:x")]
    [InlineData("""{"config":{"privileged":true}}""", "privileged")]
    [InlineData("""{"config":{"rootfs":""}}""")]
    public void Rules_find_this_and_no_more(string patch, params string[] flags) =>
        Assert.Equal(flags, Subjects.Flags(Subjects.OfPodman("plain", patch)));

    [Theory]
    [InlineData("""{"names":["bpf"],"action":"SCMP_ACT_ALLOW"}""", "seccomp:bpf")]
    [InlineData("""{"names":["bpf"],"action":"SCMP_ACT_ERRNO"}""")]
    [InlineData("""{"names":["personality"],"action":"SCMP_ACT_ALLOW"}""", "seccomp:personality")]
    [InlineData("""{"names":["personality"],"action":"SCMP_ACT_ALLOW","args":[{"index":0,"value":8,"op":"SCMP_CMP_EQ"}]}""")]
    [InlineData(
        """{"names":["personality"],"action":"SCMP_ACT_ALLOW","args":[{"index":0,"value":262144,"op":"SCMP_CMP_EQ"}]}""",
        "seccomp:personality")]
    // either way
    [InlineData(
        """{"names":["personality"],"action":"SCMP_ACT_ALLOW","args":[{"index":0,"value":8,"op":"SCMP_CMP_EQ"},"""
            + """{"index":0,"value":0,"op":"SCMP_CMP_NE"}]}""",
        "seccomp:personality")]
    [InlineData(
        """{"names":["personality"],"action":"SCMP_ACT_ALLOW","args":[{"index":0,"value":8,"op":"SCMP_CMP_EQ","Value":1}]}""",
        "seccomp:personality")]
    // narrower than the default's
    [InlineData(
        """{"names":["socket"],"action":"SCMP_ACT_ALLOW","args":[{"index":0,"value":16,"op":"SCMP_CMP_NE"},"""
            + """{"index":2,"value":1,"op":"SCMP_CMP_EQ"}]}""")]
    [InlineData("""{"names":["a_call_of_the_future"],"action":"SCMP_ACT_ALLOW"}""")] // told, and no more
    public void Seccomp_filters_are_compared_by_the_calls_that_they_allow(string rule, params string[] flags)
    {
        var subject = Subjects.OfPodman("plain");
        var filter = subject.Linux.Seccomp!;
        var json = $"{{\"linux\":{{\"seccomp\":{{\"defaultAction\":\"x\",\"syscalls\":[{rule}]}}}}}}";
        var call = JsonSerializer.Deserialize(json, EngineJson.Default.OciSpec)!.Linux!.Seccomp!.Syscalls![0];

        Assert.Equal(flags, Subjects.Flags(subject with
        {
            Spec = subject.Spec with { Linux = subject.Linux with { Seccomp = filter with { Syscalls = [.. filter.Syscalls!, call] } } },
        }));
    }

    [Fact]
    public void Options_of_the_restore_take_a_rules_place()
    {
        var subject = Subjects.OfPodman("bridge", """{"config":{"newNetworks":{"backend":{}}}}""");

        Assert.Equal(["network:backend"], Subjects.Flags(subject));
        Assert.Empty(Subjects.Flags(subject with { Replaced = new ReplacedValues(Networks: true, Runtime: null) }));
    }

    [Theory]
    [InlineData("""{"mounts":[null]}""", "mounts")]
    [InlineData("""{"mounts":[{"destination":null}]}""", "mounts")]
    [InlineData("""{"linux":{"namespaces":[null]}}""", "linux.namespaces")]
    [InlineData("""{"process":{"rlimits":[{"type":null,"hard":1,"soft":1}]}}""", "process.rlimits")]
    [InlineData("""{"annotations":{"a":null}}""", "annotations")]
    public void A_null_where_none_can_be_is_an_error_of_the_archive(string spec, string field)
    {
        var read = JsonSerializer.Deserialize(spec, EngineJson.Default.OciSpec)!;

        var error = Assert.Throws<ArchiveException>(() => DumpJsonValidator.Require(Subjects.OfPodman("plain").Config, read, "a.tar"));

        Assert.Contains(field, error.Message, StringComparison.Ordinal);
    }

    // Found by fuzzing.
    [Theory]
    [InlineData("""{"id":null}""", "id or name")]
    [InlineData("""{"name":null}""", "id or name")]
    [InlineData("""{"newNetworks":{"podman":{"static_ips":[null]}}}""", "newNetworks")]
    [InlineData("""{"newNetworks":{"podman":{"options":{"a":null}}}}""", "newNetworks")]
    [InlineData("""{"orderedNetworks":[{"name":"podman"},{"name":"podman"}]}""", "twice")]
    [InlineData("""{"newPortMappings":[null]}""", "newPortMappings")]
    [InlineData("""{"command":[null]}""", "command")]
    [InlineData("""{"labels":{"a":null}}""", "labels")]
    [InlineData("""{"Privileged":true}""", "\"Privileged\", which is written privileged")]
    [InlineData("""{"namedVolumes":[{"volumeName":"a","dest":"/a","OPTIONS":["x"]}]}""", "\"OPTIONS\", which is written options")]
    public void So_is_one_in_the_config(string config, string field)
    {
        var subject = Patched(config);

        var error = Assert.Throws<ArchiveException>(() => DumpJsonValidator.Require(subject.Config, subject.Spec, "a.tar"));

        Assert.Contains(field, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Missing_fields_of_networks_and_ports_have_their_defaults()
    {
        var subject = Patched(
            """{"newNetworks":{"podman":{}},"orderedNetworks":["""
                + """{"name":"podman","interface_name":null}],"newPortMappings":[{"container_port":80,"host_port":8080}]}""");

        DumpJsonValidator.Require(subject.Config, subject.Spec, "a.tar");

        Assert.Equal("", subject.Config.Networks!["podman"].InterfaceName);
        Assert.Equal("", subject.Config.OrderedNetworks!.Single().InterfaceName);
        Assert.Equal([("tcp", "", 8080)], subject.Config.PortMappings!.Single().HostPorts);
    }

    [Theory]
    [InlineData("""{"podman":null}""", "a network")]
    [InlineData("""{"podman":{"interfaces":{"eth0":null}}}""", "interfaces")]
    [InlineData("""{"podman":{"interfaces":{"eth0":{"subnets":[null]}}}}""", "subnets")]
    [InlineData("""{"podman":{"interfaces":{"eth0":{"subnets":[{"ipnet":null}]}}}}""", "subnets")]
    public void So_is_one_in_the_status_of_networks(string status, string field)
    {
        var read = JsonSerializer.Deserialize(status, EngineJson.Default.IReadOnlyDictionaryStringNetworkStatus)!;

        Assert.Contains(
            field, Assert.Throws<ArchiveException>(() => DumpJsonValidator.Require(read, "a.tar")).Message, StringComparison.Ordinal);
    }

    // A merge patch takes a field away where it says null: here it is to be null.
    private static VettingSubject Patched(string config)
    {
        var dumps = Subjects.Dumps("plain");
        foreach (var (name, value) in JsonNode.Parse(config)!.AsObject())
            dumps["config"]![name] = value?.DeepClone();
        return Subjects.Of(
            dumps["config"].Deserialize(EngineJson.Default.ContainerConfig)!, dumps["spec"].Deserialize(EngineJson.Default.OciSpec)!);
    }

    [Theory]
    [InlineData("""{"stopSignal":4294967295}""", "never value 4294967295")]
    [InlineData("""{"stopSignal":0}""", "never value 0")]
    [InlineData("""{"shmSize":-1}""", "never value -1")]
    [InlineData("""{"shmSize":9223372036854775807}""", "never value 9223372036854775807")]
    [InlineData("""{"umask":"99999999999"}""", "never value 99999999999")]
    [InlineData("""{"user":"a:b:c:d"}""", "never value a:b:c:d")]
    [InlineData("""{"restart_policy":"sometimes"}""", "never value sometimes")]
    [InlineData("""{"exposedPorts":{"99999":["tcp"]}}""", "never network-value 99999")]
    [InlineData("""{"exposedPorts":{"80":["tcp","x"]}}""", "never network-value 80")]
    [InlineData("""{"hostsAdd":["x\ny:1.2.3.4"]}""", "never network-value x\ny:1.2.3.4")]
    [InlineData("""{"dnsServer":["1.1.1.1\noptions x"]}""", "never network-value 1.1.1.1\noptions x")]
    [InlineData("""{"dnsSearch":["a b"]}""", "never network-value a b")]
    [InlineData("""{"dnsOption":["\n"]}""", "never network-value \n")]
    [InlineData("""{"name":"0123456789ab"}""", "never name 0123456789ab")]
    [InlineData("""{"name":"cafe"}""", "never name cafe")]
    [InlineData("""{"newNetworks":{"podman":{"interface_name":"../../x"}}}""", "never network-value ../../x")]
    [InlineData("""{"newNetworks":{"podman":{"static_mac":"00:00:00:00:00:00"}}}""", "never network-value 00:00:00:00:00:00")]
    [InlineData("""{"newNetworks":{"podman":{"static_ips":["10.88.0.9","10.88.0.9"]}}}""", "never network-value 10.88.0.9")]
    [InlineData("""{"newNetworks":{"podman":{"aliases":["a b"]}}}""", "never network-value a b")]
    [InlineData("""{"newPortMappings":[{"host_ip":"no","container_port":1,"host_port":22}]}""", "never port no:22")]
    [InlineData("""{"newPortMappings":[{"container_port":1,"host_port":22}]}""", "port:22")]
    [InlineData("""{"newPortMappings":[{"container_port":1,"host_port":1,"range":65000,"protocol":"udp"}]}""", "port:1-65000/udp")]
    [InlineData("""{"rootfsImageName":"evil.example/x:1","rootfsImageID":""}""", "registry:evil.example/x")]
    [InlineData(
        """{"rootfsImageName":"containers-storage:busybox","rootfsImageID":""}""",
        "registry:docker.io/library/containers-storage")]
    [InlineData("""{"rootfsImageName":"dir:/etc","rootfsImageID":""}""", "never image dir:/etc")]
    public void A_value_that_no_container_has_is_refused(string config, string flag)
    {
        var subject = Subjects.OfPodman("bridge", "{\"config\":" + config + "}") with
        {
            BeginsAnotherId = "cafe0123".StartsWith,
            HasImage = _ => !config.Contains("rootfsImage", StringComparison.Ordinal),
        };

        Assert.Equal([flag], Subjects.Flags(subject));
    }

    [Fact]
    public void More_ports_than_there_are_are_refused_at_once()
    {
        var ports = string.Join(',', Enumerable.Repeat("""{"container_port":1,"host_port":1,"range":65000}""", 2000));

        Assert.Equal(
            ["never port 2000 ranges"],
            Subjects.Flags(Subjects.OfPodman("bridge", $$$"""{"config":{"newPortMappings":[{{{ports}}}]}}""")));
    }

    [Fact]
    public void Values_that_the_restore_replaces_are_no_findings()
    {
        var subject = Subjects.OfPodman(
            "bridge", """{"config":{"name":"0123456789ab","newPortMappings":[{"container_port":1,"host_port":22}]}}""");

        Assert.Equal(["name", "port"], PolicyCheckRunner.Check(subject)
            .Where(finding => finding.Severity == Severity.Refused).Select(finding => finding.Rule));
        Assert.Empty(Subjects.Flags(subject with { Replaced = new ReplacedValues { Name = true, Ports = true } }));
    }

    [Fact]
    public void A_value_too_long_for_a_flag_is_named_by_its_hash()
    {
        var finding = FindingFactory.Refused(UnknownSpecFieldRule.Rule, "x", new string('a', 1000), "y", new string('a', 1000));

        Assert.StartsWith("field:sha256=", finding.Allow, StringComparison.Ordinal);
        Assert.NotEqual(finding.Allow, FindingFactory.Refused(UnknownSpecFieldRule.Rule, "x", "", "y", new string('a', 1001)).Allow);
    }

    [Fact]
    public void Sources_that_are_ours_are_ours_whatever_the_archive_says()
    {
        var config = Subjects.OfPodman("volume").Config;

        Assert.True(RestoredMountSources.IsEngineMount(Bind("/etc/hosts"), config));
        Assert.True(RestoredMountSources.IsEngineMount(Bind("/data") with { Type = "none", Options = ["rbind"] }, config));
        Assert.True(RestoredMountSources.IsEngineMount(Bind("/run/podman-init") with { Options = ["bind", "ro"] }, config));
        Assert.False(RestoredMountSources.IsEngineMount(Bind("/run/podman-init"), config));
        Assert.False(RestoredMountSources.IsEngineMount(Bind("/etc//hosts"), config));
        Assert.False(RestoredMountSources.IsEngineMount(Bind("/etc/hosts") with { Type = "tmpfs", Options = [] }, config));
    }

    private static OciMount Bind(string destination) =>
        new() { Destination = destination, Type = "bind", Source = "/elsewhere", Options = ["bind"] };
}
