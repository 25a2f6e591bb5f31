using Stasis.Engine.Checkpoints.Import;
using System.Text;
using System.Text.Json.Nodes;
using Stasis.Engine;
using Stasis.Engine.Archive;
using Stasis.Engine.Checkpoints;
using Stasis.Engine.Checkpoints.Dump;
using Stasis.Engine.Checkpoints.Restore;
using Stasis.Engine.Common;
using Stasis.Engine.Containers.Adoption;
using Stasis.Engine.Containers.Files;
using Stasis.Engine.Errors;
using Stasis.Engine.Model;
using Stasis.Engine.Vetting;
using Stasis.Engine.Vetting.Findings;
using Stasis.Engine.Vetting.Policy;
using Stasis.Linux.Files;
using Stasis.UnitTests.Fuzz;
using Xunit;

namespace Stasis.UnitTests.Vetting.Policy;

/// <summary>
/// Whatever an archive's JSON says, and a site's policy: it is looked at, refused or allowed, and what is
/// made of it is one of ours, without a crash.
/// </summary>
public sealed class FuzzTests : IDisposable
{
    private static readonly JsonNode[] Dumps = [.. Subjects.PodmanNames.Select(Subjects.Dumps)];

    private static readonly JsonNode Status = JsonNode.Parse(
        """
        {"podman":{"interfaces":{"eth0":{"subnets":[{"ipnet":"10.88.0.5/16","gateway":"10.88.0.1"}],
        "mac_address":"aa:bb:cc:dd:ee:ff"}},"dns_server_ips":["10.88.0.1"]}}
        """)!;

    private readonly string _home = Directory.CreateTempSubdirectory("stasis-test-").FullName;
    private readonly StasisEngine _engine;

    public FuzzTests() =>
        _engine = new StasisEngine(new EngineOptions { Root = Path.Combine(_home, "root"), RunRoot = Path.Combine(_home, "run") });

    public void Dispose()
    {
        _engine.Dispose();
        FileTree.Remove(_home);
    }

    /// <summary>What each finding says to allow it allows it, and no control character of an archive's gets to a terminal.</summary>
    [Fact]
    public void Findings_of_mutated_dumps_name_flags_that_allow_them() => Fuzzer.Run(
        random => Changed(Dumps[random.Next(Dumps.Length)], random),
        input =>
        {
            try
            {
                var (config, spec) = Read(input);
                var findings = PolicyCheckRunner.Check(Subjects.Of(config, spec));
                var refused = findings.Where(finding => finding.Severity == Severity.Refused).ToList();
                foreach (var finding in refused)
                    Assert.True(
                        finding.Allow is null || new AllowList([finding.Allow], "--allow").Permits(finding),
                        $"{finding.Allow} doesn't allow it");
                if (refused.Count == 0)
                    return true;
                var message = new ImportRefusedException("archive", refused);
                Assert.DoesNotContain(message.Message + message.Remedy, c => char.IsControl(c) && c != '\n');
                return false;
            }
            catch (ArchiveException e)
            {
                Assert.DoesNotContain(e.Message, char.IsControl);
                return false;
            }
            catch (StasisException)
            {
                return false;
            }
        },
        Encoding.UTF8.GetString);

    /// <summary>All of it is allowed, as with the worst policy there is: no host path comes through but a bind's.</summary>
    [Fact]
    public void Containers_of_mutated_dumps_have_no_host_paths() => Fuzzer.Run(
        random => (Dumps: Changed(Dumps[random.Next(Dumps.Length)], random), Status: JsonMutator.Bytes(JsonMutator.Change(Status, random))),
        input =>
        {
            var checkpoint = new CheckpointEntryPaths(_home);
            File.WriteAllBytes(checkpoint.NetworkStatus, input.Status);
            var options = new RestoreOptions { IgnoreVolumes = true };
            try
            {
                var (config, spec) = Read(input.Dumps);
                _ = RestoredVolumes.Plan(_engine, new DumpedContainer(config, spec), options, checkpoint, "archive");
                config = RestoredNetworkSettings.Apply(config, options, _engine);
                var networks = RestoredNetworkSettings.Attachments(config, checkpoint, "archive", options);
                _engine.Networks.Check(networks ?? new Dictionary<string, Stasis.Engine.Model.NetworkAttachment>(),
                    config.PortMappings ?? []);
                var container = RestoredContainerConfig.Adopt(config, spec, config.Id, config.Name, _engine.Layout);
                Assert.StartsWith(_home, container.Config.LogPath!, StringComparison.Ordinal);
                Assert.StartsWith(_home, container.Spec.Root!.Path, StringComparison.Ordinal);
                _ = IdentityFile.WithNextGeneration(container, null, new Dictionary<string, string>());
                return true;
            }
            catch (StasisException)
            {
                return false;
            }
        },
        input => $"{Encoding.UTF8.GetString(input.Dumps)} {Encoding.UTF8.GetString(input.Status)}");

    [Fact]
    public void Deleted_files() => Fuzzer.Run(
        ["[\"/a\",\"/b/c\",\"/é\"]"u8.ToArray(), "[]"u8.ToArray()],
        input =>
        {
            var checkpoint = new CheckpointEntryPaths(_home);
            File.WriteAllBytes(checkpoint.DeletedFiles, input);
            File.WriteAllBytes(checkpoint.DeletedNames, input);
            try
            {
                new ArchiveValidator("archive", _home, ArchiveLimits.Default).Check(CancellationToken.None);
                _ = DeletedFileLists.Read(checkpoint, "archive").ToList();
                return true;
            }
            catch (ArchiveException)
            {
                return false;
            }
            finally
            {
                File.Delete(checkpoint.DeletedFiles);
                File.Delete(checkpoint.DeletedNames);
            }
        });

    [Fact]
    public void Policy_files() => Fuzzer.Run(
        [
            """
            {
              "allow": ["mount:/srv/data:ro", "cap:NET_RAW", "privileged", "cap:*"],
              "trustedSigners": ["ssh-ed25519 AAAA alice"],
              "requireSignature": false
            }
            """u8.ToArray(),
            """{ /* none */ "allow": [], }"""u8.ToArray(),
        ],
        input =>
        {
            var file = Path.Combine(_home, "policy.json");
            File.WriteAllBytes(file, input);
            try
            {
                PolicyFile.Load(file);
                return true;
            }
            catch (StasisException e)
            {
                Assert.Contains(file, e.Message, StringComparison.Ordinal);
                return false;
            }
        });

    private static byte[] Changed(JsonNode dumps, Random random) =>
        JsonMutator.Bytes(random.Next(20) == 0 ? dumps : JsonMutator.Change(dumps, random));

    // As an import reads them: in one, since both come out of one archive.
    private static (ContainerConfig Config, Stasis.Engine.RuntimeSpec.OciSpec Spec) Read(byte[] input)
    {
        StrictJsonReader.Check("archive", "dumps", input, ArchiveLimits.Default);
        var dumps = System.Text.Json.JsonDocument.Parse(input).RootElement;
        var config = StrictJsonReader.Read(
            "archive",
            ArchiveEntryNames.ConfigDump,
            Part("config"),
            EngineJson.Default.ContainerConfig,
            ArchiveLimits.Default);
        var spec = StrictJsonReader.Read("archive", ArchiveEntryNames.SpecDump, Part("spec"),
            EngineJson.Default.OciSpec, ArchiveLimits.Default);
        DumpJsonValidator.Require(config, spec, "archive");
        RestoredContainerConfig.Validate(config, spec, "archive");
        ObjectName.Require("container", config.Name);
        return (config, spec);

        byte[] Part(string name) => dumps.TryGetProperty(name, out var part) ? Encoding.UTF8.GetBytes(part.GetRawText()) : [];
    }
}
