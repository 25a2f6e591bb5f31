using System.Text.Json;
using System.Text.Json.Nodes;

namespace Stasis.UnitTests.Fuzz;

/// <summary>Changes values in JSON that stays JSON: so that it is what it says that is looked at, not how it is written.</summary>
internal static class JsonMutator
{
    private static readonly string[] Words =
    [
        "", "/", "/etc", "/a/../b", "../a", "bind", "rbind", "ro", "rw", "proc", "/proc/1/ns/net",
        "network", "pid", "user", "host", "bridge", "none", "container:abc", "CAP_SYS_ADMIN", "SCMP_ACT_ALLOW", "SCMP_CMP_EQ",
        "c", "a", "*", "rwm", "podman", "\0", "\ud800", "\n", "é", "10.88.0.1/16", "00:11:22:33:44:55",
        "org.criu.config", "0", "-1", "999999999999999999999",
    ];

    /// <summary>A copy of it, with up to four values in it changed.</summary>
    public static JsonNode Change(JsonNode root, Random random)
    {
        var changed = root.DeepClone();
        for (var changes = 1 + random.Next(4); changes > 0; changes--)
        {
            var nodes = new List<JsonNode>();
            Collect(changed, nodes);
            if (nodes.Count > 0)
                ChangeWithin(nodes[random.Next(nodes.Count)], nodes, random);
        }
        return changed;
    }

    /// <summary>Its bytes.</summary>
    public static byte[] Bytes(JsonNode node)
    {
        using var target = new MemoryStream();
        using (var writer = new Utf8JsonWriter(target, new JsonWriterOptions { SkipValidation = true }))
            node.WriteTo(writer);
        return target.ToArray();
    }

    // Objects and arrays: what can hold something else.
    private static void Collect(JsonNode? node, List<JsonNode> found)
    {
        if (node is JsonObject or JsonArray)
            found.Add(node);
        foreach (var child in node is JsonObject fields ? fields.Select(field => field.Value) : node is JsonArray items ? items : [])
            Collect(child, found);
    }

    private static void ChangeWithin(JsonNode holder, List<JsonNode> others, Random random)
    {
        if (holder is JsonArray array)
        {
            var at = random.Next(array.Count + 1);
            if (at == array.Count || random.Next(3) == 0)
                array.Insert(
                    at, array.Count > 0 && random.Next(2) == 0 ? array[random.Next(array.Count)]?.DeepClone() : Value(others, random));
            else if (random.Next(4) == 0)
                array.RemoveAt(at);
            else
                array[at] = Value(others, random);
            return;
        }
        var fields = (JsonObject)holder;
        if (fields.Count == 0 || random.Next(8) == 0)
        {
            fields[Words[random.Next(Words.Length - 8)]] = Value(others, random);
            return;
        }
        var name = fields.ElementAt(random.Next(fields.Count)).Key;
        if (random.Next(5) == 0)
            fields.Remove(name);
        else
            fields[name] = Value(others, random);
    }

    private static JsonNode? Value(List<JsonNode> others, Random random) => random.Next(9) switch
    {
        0 => null,
        1 => random.Next(2) == 0,
        2 => random.Next(-2, 5),
        3 => random.NextInt64(long.MinValue, long.MaxValue),
        4 => new JsonArray(),
        5 => new JsonObject(),
        6 when others[random.Next(others.Count)] is var other && other.ToJsonString().Length < 2000 => other.DeepClone(),
        _ => Words[random.Next(Words.Length)],
    };
}
