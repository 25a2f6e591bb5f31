using System.Text.Json;
using System.Text.Json.Nodes;
using Stasis.Engine.Formats.Tar;
using Xunit;

namespace Stasis.EndToEndTests.Vetting;

/// <summary>A real archive that is taken apart, changed, and put together again.</summary>
public sealed class Forgery
{
    private readonly List<(string Name, byte[] Content)> _entries = [];

    /// <param name="archive">An uncompressed one.</param>
    public Forgery(string archive)
    {
        using var stream = File.OpenRead(archive);
        using var tar = new TarReader(stream);
        while (tar.Next() is { } entry)
        {
            using var content = new MemoryStream();
            tar.Data.CopyTo(content);
            if (entry.Type == TarEntryType.File)
                _entries.Add((entry.NameText, content.ToArray()));
        }
        (Config, Spec) = (Parse("config.dump"), Parse("spec.dump"));
    }

    public JsonObject Config { get; }

    public JsonObject Spec { get; }

    public JsonObject Linux => Spec["linux"]!.AsObject();

    public JsonObject Process => Spec["process"]!.AsObject();

    public JsonArray Mounts => Spec["mounts"]!.AsArray();

    public JsonObject MountAt(string destination) =>
        Mounts.Single(mount => mount!["destination"]!.GetValue<string>() == destination)!.AsObject();

    /// <summary>Adds a mount.</summary>
    public void Mount(string type, string source, string destination, params string[] options) => Mounts.Add(new JsonObject
    {
        ["destination"] = destination,
        ["type"] = type,
        ["source"] = source,
        ["options"] = Texts(options),
    });

    public static JsonArray Texts(params string[] texts) => [.. texts.Select(text => (JsonNode)text)];

    /// <summary>Adds a capability to one of the five sets.</summary>
    public void Capability(string set, string name)
    {
        var sets = Process["capabilities"]!.AsObject();
        if (sets[set] is not JsonArray)
            sets[set] = new JsonArray();
        sets[set]!.AsArray().Add(name);
    }

    /// <summary>Adds an annotation.</summary>
    public void Annotate(string key, string value)
    {
        Spec["annotations"] ??= new JsonObject();
        Spec["annotations"]![key] = value;
    }

    /// <summary>Sets a limit or another setting of the cgroup: "memory", "swappiness", 100.</summary>
    public void Resource(string controller, string name, JsonNode value)
    {
        var resources = Linux["resources"]!.AsObject();
        resources[controller] ??= new JsonObject();
        resources[controller]![name] = value;
    }

    /// <summary>Takes an item out of a list of the Linux part.</summary>
    public void Without(string list, Predicate<JsonNode> which)
    {
        var items = Linux[list]!.AsArray();
        foreach (var item in items.Where(item => which(item!)).ToList())
            items.Remove(item);
    }

    /// <summary>A tar of one entry in place of the archive's root file system.</summary>
    internal void Rootfs(TarEntry entry)
    {
        using var tar = new MemoryStream();
        var writer = new TarWriter(tar);
        writer.WriteEntry(entry);
        writer.Finish();
        _entries.RemoveAll(other => other.Name == "rootfs-diff.tar");
        _entries.Add(("rootfs-diff.tar", tar.ToArray()));
    }

    public void Write(string archive)
    {
        using var stream = File.Create(archive);
        var tar = new TarWriter(stream);
        foreach (var (name, content) in _entries)
        {
            var bytes = name switch
            {
                "config.dump" => JsonSerializer.SerializeToUtf8Bytes(Config),
                "spec.dump" => JsonSerializer.SerializeToUtf8Bytes(Spec),
                _ => content
            };
            tar.WriteEntry(TarEntry.OfFile(name, bytes.Length), bytes);
        }
        tar.Finish();
    }

    private JsonObject Parse(string name)
    {
        var entry = _entries.Find(entry => entry.Name == name);
        Assert.NotNull(entry.Content);
        return JsonNode.Parse(entry.Content)!.AsObject();
    }
}
