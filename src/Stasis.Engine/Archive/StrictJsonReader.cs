using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Stasis.Engine.Errors;

namespace Stasis.Engine.Archive;

/// <summary>
/// Reads JSON from an archive so strictly that no other reader can understand it differently: no name twice
/// in one object, nothing after the value, limited nesting, limited lists and strings (<see cref="JsonLimits"/>).
/// </summary>
internal static class StrictJsonReader
{
    /// <summary>Reads an entry, whose length the caller has checked.</summary>
    /// <exception cref="ArchiveException">The entry is empty, isn't JSON, or has another shape.</exception>
    public static T Read<T>(
        string archive,
        string entry,
        ReadOnlySpan<byte> json,
        JsonTypeInfo<T> type,
        ArchiveLimits limits) where T : class
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

    /// <summary>Requires that an entry is unambiguous JSON.</summary>
    /// <exception cref="ArchiveException">The entry isn't.</exception>
    public static void Check(string archive, string entry, ReadOnlySpan<byte> json, ArchiveLimits limits)
    {
        if (json.Length == 0)
            throw new ArchiveException(archive, entry, "it is empty");
        try
        {
            var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = limits.MaxJsonDepth });
            var shape = new JsonShape(archive, entry);
            while (reader.Read())
                shape.Take(reader);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            throw NotOfForm(archive, entry, e);
        }
    }

    private static ArchiveException NotOfForm(string archive, string entry, Exception e) =>
        new(archive, entry, $"it is not of the expected form: {EntryNameValidator.Shown(e.Message)}", e);
}
