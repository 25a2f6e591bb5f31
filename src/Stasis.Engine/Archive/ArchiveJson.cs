using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Stasis.Engine.Errors;

namespace Stasis.Engine.Archive;

/// <summary>JSON out of an archive, read so that nobody else could read it differently: no name twice in one object, nothing behind it, no more nesting than there is reason for.</summary>
internal static class ArchiveJson
{
    /// <summary>Reads one that is known to be within the limits on its size.</summary>
    /// <exception cref="ArchiveException">It is empty, not JSON or not of the shape.</exception>
    public static T Read<T>(string archive, string entry, ReadOnlySpan<byte> json, JsonTypeInfo<T> type, ArchiveLimits limits) where T : class
    {
        Check(archive, entry, json, limits);
        try
        {
            return JsonSerializer.Deserialize(json, type) ?? throw new ArchiveException(archive, entry, "it is null");
        }
        catch (JsonException e)
        {
            throw NotOfForm(archive, entry, e);
        }
    }

    /// <summary>Throws unless it is JSON that means one thing.</summary>
    /// <exception cref="ArchiveException">It isn't.</exception>
    public static void Check(string archive, string entry, ReadOnlySpan<byte> json, ArchiveLimits limits)
    {
        if (json.Length == 0)
            throw new ArchiveException(archive, entry, "it is empty");
        try
        {
            var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = limits.MaxJsonDepth });
            var objects = new Stack<HashSet<string>>();
            while (reader.Read())
            {
                if (reader.TokenType == JsonTokenType.StartObject)
                    objects.Push([]);
                else if (reader.TokenType == JsonTokenType.EndObject)
                    objects.Pop();
                else if (reader.TokenType == JsonTokenType.PropertyName && reader.GetString() is var name && !objects.Peek().Add(name!))
                    throw new ArchiveException(archive, entry, $"the name {ArchiveEntryName.Shown(name!)} is there twice (byte {reader.TokenStartIndex})");
                else if (reader.TokenType == JsonTokenType.String)
                    _ = reader.GetString(); // throws if it is no text
            }
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            throw NotOfForm(archive, entry, e);
        }
    }

    private static ArchiveException NotOfForm(string archive, string entry, Exception e) =>
        new(archive, entry, $"it is not of the expected form: {ArchiveEntryName.Shown(e.Message)}", e);
}
