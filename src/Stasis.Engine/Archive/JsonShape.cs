using System.Text.Json;
using Stasis.Engine.Errors;

namespace Stasis.Engine.Archive;

/// <summary>
/// Follows the tokens of an entry's JSON, and requires that no object has a field twice, and that lists, strings and the whole are within
/// their <see cref="JsonLimits"/>.
/// </summary>
/// <param name="archive">The archive's name in messages.</param>
/// <param name="entry">The entry.</param>
internal sealed class JsonShape(string archive, string entry)
{
    /// <summary>Values and fields of one entry together; a container's dumps have some thousand.</summary>
    public const int MaxValues = 2_500_000;

    private readonly Stack<Level> _levels = new();
    private int _values;

    /// <summary>Takes the token that the reader is at.</summary>
    /// <exception cref="ArchiveException">A field is there twice, or a limit is exceeded.</exception>
    public void Take(in Utf8JsonReader reader)
    {
        switch (reader.TokenType)
        {
            case JsonTokenType.PropertyName:
                TakeName(reader);
                break;
            case JsonTokenType.EndObject or JsonTokenType.EndArray:
                _levels.Pop();
                break;
            default:
                TakeValue(reader);
                break;
        }
    }

    private void TakeName(in Utf8JsonReader reader)
    {
        var level = _levels.Peek();
        RequireLength(reader, JsonLimits.MaxStringLength, "the name of a field");
        var name = reader.GetString()!;
        if (!level.Names!.Add(name))
            throw new ArchiveException(
                archive, entry, $"the name {EntryNameValidator.Shown(name)} is there twice (byte {reader.TokenStartIndex})");
        level.Name = name;
        Count(level);
    }

    private void TakeValue(in Utf8JsonReader reader)
    {
        var limits = JsonLimits.ForEntry(entry);
        if (_levels.TryPeek(out var parent))
        {
            if (parent.Names is null)
                Count(parent);
            limits = parent.Limits.Field(parent.Names is null ? "*" : parent.Name);
            if (reader.TokenType == JsonTokenType.String)
                RequireLength(reader, Math.Max(limits.Bytes, parent.Limits.Bytes), "a string");
        }
        if (reader.TokenType == JsonTokenType.String)
            _ = reader.GetString(); // throws if the string isn't valid Unicode
        else if (reader.TokenType is JsonTokenType.StartObject or JsonTokenType.StartArray)
            _levels.Push(new Level { Limits = limits, Names = reader.TokenType == JsonTokenType.StartObject ? [] : null });
    }

    private void Count(Level level)
    {
        if (++level.Count > level.Limits.Items)
            throw TooMuch($"{Path(skip: 1)} has more than {level.Limits.Items} entries");
        if (++_values > MaxValues)
            throw TooMuch($"it has more than {MaxValues} values");
    }

    private void RequireLength(in Utf8JsonReader reader, int longest, string what)
    {
        if (reader.ValueSpan.Length > longest)
            throw TooMuch($"{Path(skip: 0)} has {what} of {reader.ValueSpan.Length} bytes: more than {longest} are refused");
    }

    // "linux.seccomp.syscalls[].names"; without the last level's own field.
    private string Path(int skip)
    {
        var path = "";
        foreach (var level in _levels.Skip(skip).Reverse())
            path += level.Names is null ? "[]" : $"{(path.Length > 0 ? "." : "")}{level.Name}";
        return path.Length > 0 ? EntryNameValidator.Shown(path) : "it";
    }

    private ArchiveException TooMuch(string why) => new(archive, entry, why)
    {
        Remedy = "no engine writes that: nothing allows it",
    };

    private sealed class Level
    {
        public required JsonLimits Limits { get; init; }

        /// <summary>An object's fields so far; null for a list.</summary>
        public required HashSet<string>? Names { get; init; }

        public string Name { get; set; } = "";

        public int Count { get; set; }
    }
}
