using System.Globalization;
using Stasis.Engine.Criu.Images;

namespace Stasis.Tests.Mutations;

/// <summary>
/// Changes images field by field: each field of each message that occurs takes each of its type's nasty values, optional fields and
/// items of lists are removed, repeated and added.
/// </summary>
/// <param name="occurrences">How many times a field of one name in one kind of image is changed.</param>
internal sealed class ImageMutator(int occurrences)
{
    private const int Many = 100; // more than there are signals, limits, groups or words of anything

    private readonly Dictionary<string, int> _seen = [];

    /// <summary>Names of all messages that the images have.</summary>
    public HashSet<string> Messages { get; } = [];

    /// <summary>Mutations of all images of a checkpoint. Fields that were changed often enough in earlier ones are left out.</summary>
    /// <param name="images">Content of each image file by name.</param>
    public IEnumerable<Mutation> Create(IReadOnlyDictionary<string, byte[]> images)
    {
        foreach (var (file, content) in images.OrderBy(image => image.Key, StringComparer.Ordinal))
        {
            if (ImageKind.Find(file) is not { Kind: { Message: not null, Refused: null } kind })
                continue;
            var index = 0;
            foreach (var record in ImageParts.Parse(kind, content).Records)
            {
                var place = new Place(file, kind, index, string.Create(CultureInfo.InvariantCulture, $"[{index}] "), []);
                if (ImageParts.IsList(kind) && IsNew($"{kind.Name} {record.Message.Name}"))
                {
                    yield return Repeat(place, record, 0, "removed");
                    yield return Repeat(place, record, 2, "twice");
                }
                foreach (var mutation in CreateOf(place, kind.Name, record))
                    yield return mutation;
                index++;
            }
        }
    }

    private IEnumerable<Mutation> CreateOf(Place place, string path, ImageNode node)
    {
        Messages.Add(node.Message.Name);
        for (var at = 0; at < node.Fields.Count; at++)
        {
            var (field, value) = node.Fields[at];
            // Each limit is another one, by its place, and each of a cgroup's properties.
            var inner = field.Name is "rlimits" or "properties" ? $"{path}.{Name(node, at)}" : $"{path}.{field.Name}";
            if (IsNew(inner))
            {
                foreach (var mutation in CreateOf(place, node, at))
                    yield return mutation;
            }
            if (value is not ImageNode child)
                continue;
            var below = place with { Text = $"{place.Text}{Name(node, at)}.", Steps = [.. place.Steps, at] };
            foreach (var mutation in CreateOf(below, inner, child))
                yield return mutation;
        }
        foreach (var field in node.Message.Fields.Where(field => field.Count != ImageFieldCount.Required && !node.Has(field.Name)))
        {
            if (!IsNew($"{path}.{field.Name} absent"))
                continue;
            var values = field.Kind == ImageFieldKind.Message
                ? [("an empty one", Minimal(ImageMessage.ForField(field)))]
                : NastyValues.Create(field, null);
            foreach (var (name, value) in values)
                yield return place.Change(node, field, $"{field.Name} = {name}, was absent", fields => fields.Add((field, value)));
        }
    }

    private static IEnumerable<Mutation> CreateOf(Place place, ImageNode node, int at)
    {
        var (field, current) = node.Fields[at];
        var name = Name(node, at);
        if (field.Count != ImageFieldCount.Required)
            yield return place.Change(node, field, $"{name} = removed", fields => fields.RemoveAt(at));
        if (field.Count == ImageFieldCount.Repeated)
        {
            yield return place.Change(node, field, $"{name} = twice", fields => fields.Insert(at, fields[at]));
            yield return place.Change(
                node,
                field,
                $"{name} = {Many} times",
                fields => fields.InsertRange(at, Enumerable.Repeat(fields[at], Many - 1)));
        }
        if (field.Kind == ImageFieldKind.Message)
            yield break;
        foreach (var (text, value) in NastyValues.Create(field, current))
            yield return place.Change(node, field, $"{name} = {text}", fields => fields[at] = (field, value));
    }

    private static Mutation Repeat(Place place, ImageNode record, int count, string value) =>
        new(place.File, place.Text.Trim(), record.Message.Name, null, value, content =>
        {
            var parts = ImageParts.Parse(place.Kind, content);
            parts.Repeat(place.Record, count);
            return parts.ToBytes();
        });

    private static ImageNode Minimal(ImageMessage message)
    {
        var node = new ImageNode(message);
        foreach (var field in message.Fields.Where(field => field.Count == ImageFieldCount.Required))
        {
            object value = field.Kind switch
            {
                ImageFieldKind.Message => Minimal(ImageMessage.ForField(field)),
                ImageFieldKind.Str or ImageFieldKind.Bytes => Array.Empty<byte>(),
                _ => 0UL,
            };
            node.Fields.Add((field, value));
        }
        return node;
    }

    private static string Name(ImageNode node, int at)
    {
        var field = node.Fields[at].Field;
        var index = node.Fields.Take(at).Count(other => other.Field == field);
        return field.Count == ImageFieldCount.Repeated ? string.Create(CultureInfo.InvariantCulture, $"{field.Name}[{index}]") : field.Name;
    }

    private bool IsNew(string key) => (_seen[key] = _seen.GetValueOrDefault(key) + 1) <= occurrences;

    private sealed record Place(string File, ImageKind Kind, int Record, string Text, int[] Steps)
    {
        public Mutation Change(
            ImageNode node, ImageField field, string text, Action<List<(ImageField Field, object Value)>> change)
        {
            var equals = text.IndexOf(" = ", StringComparison.Ordinal);
            return new(File, Text + text[..equals], node.Message.Name, field.Name, text[(equals + 3)..], content =>
            {
                var parts = ImageParts.Parse(Kind, content);
                var found = parts.Records.ElementAt(Record);
                foreach (var step in Steps)
                    found = (ImageNode)found.Fields[step].Value;
                change(found.Fields);
                return parts.ToBytes();
            });
        }
    }
}
