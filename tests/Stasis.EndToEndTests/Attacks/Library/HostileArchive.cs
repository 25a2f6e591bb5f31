using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Stasis.Engine.Formats.Tar;

namespace Stasis.EndToEndTests.Attacks;

/// <summary>A real archive whose entries, JSON and tars can be changed. Parts for its CRIU images are in another file.</summary>
internal sealed partial class HostileArchive
{
    private static readonly JsonSerializerOptions Compact = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private readonly List<(TarEntry Entry, byte[] Content)> _entries;

    private readonly AttackTarget? _target;

    private HostileArchive(IEnumerable<(TarEntry Entry, byte[] Content)> entries, AttackTarget? target) =>
        (_entries, _target) = ([.. entries], target);

    /// <summary>What of the host the attack is aimed at.</summary>
    public AttackTarget Target => _target ?? throw new InvalidOperationException("this archive attacks nothing");

    /// <summary>Names of all entries.</summary>
    public IEnumerable<string> Names => _entries.Select(entry => entry.Entry.NameText);

    /// <summary>Reads an uncompressed archive.</summary>
    public static HostileArchive Read(string archive, AttackTarget? target = null)
    {
        using var stream = File.OpenRead(archive);
        return new HostileArchive(ReadTar(stream), target);
    }

    /// <summary>An archive with the same entries, to be changed without changing this one.</summary>
    public HostileArchive Copy() => new(_entries, _target);

    /// <summary>Writes the archive, uncompressed.</summary>
    public void Write(string archive)
    {
        using var stream = File.Create(archive);
        WriteTar(stream, _entries);
    }

    /// <summary>An entry's content.</summary>
    public byte[] this[string name] => _entries.Find(entry => entry.Entry.NameText == name) is { Content: { } content }
        ? content
        : throw new KeyNotFoundException($"the archive has no entry {name}");

    /// <summary>Replaces an entry's content, or adds the entry.</summary>
    public void Put(string name, byte[] content)
    {
        var at = _entries.FindIndex(entry => entry.Entry.NameText == name);
        if (at < 0)
            _entries.Add((TarEntry.OfFile(name, content.Length), content));
        else
            _entries[at] = (_entries[at].Entry with { Size = content.Length }, content);
    }

    /// <summary>Renames an entry.</summary>
    public void Rename(string name, string newName)
    {
        var at = _entries.FindIndex(entry => entry.Entry.NameText == name);
        _entries[at] = (_entries[at].Entry with { Name = Encoding.UTF8.GetBytes(newName) }, _entries[at].Content);
    }

    /// <summary>Changes spec.dump.</summary>
    public void Spec(Action<JsonObject> change) => Json("spec.dump", change);

    /// <summary>Changes config.dump.</summary>
    public void Config(Action<JsonObject> change) => Json("config.dump", change);

    /// <summary>Sets a field of config.dump.</summary>
    public void Config(string field, JsonNode? value) => Config(config => config[field] = value);

    /// <summary>Adds an annotation to spec.dump.</summary>
    public void Annotate(string key, string value) => Spec(spec => spec["annotations"]![key] = value);

    /// <summary>
    /// Adds generated items to a list or an object of a JSON file as text: hundreds of thousands of nodes would take the memory of the
    /// tests.
    /// </summary>
    /// <param name="file">spec.dump or config.dump.</param>
    /// <param name="select">Gives the list or object.</param>
    /// <param name="items">JSON of the items; for an object, with their keys.</param>
    public void Stuff(string file, Func<JsonObject, JsonNode> select, IEnumerable<string> items)
    {
        const string Marker = "__stuffing__";
        Json(file, json =>
        {
            var node = select(json);
            if (node is JsonArray array)
                array.Add(Marker);
            else
                node.AsObject()[Marker] = true;
        });
        var text = Encoding.UTF8.GetString(this[file]);
        var keyed = $"\"{Marker}\":true";
        var marker = text.Contains(keyed, StringComparison.Ordinal) ? keyed : $"\"{Marker}\"";
        Put(file, Encoding.UTF8.GetBytes(text.Replace(marker, string.Join(',', items), StringComparison.Ordinal)));
    }

    /// <summary>The items of <see cref="Stuff"/>: <paramref name="item"/> with the numbers from 0 on in place of each #.</summary>
    public static IEnumerable<string> Numbered(int count, string item) => Enumerable.Range(0, count)
        .Select(number => item.Replace("#", number.ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal));

    /// <summary>Adds entries to the changes of the root file system.</summary>
    public void Rootfs(params (TarEntry Entry, byte[] Content)[] added) => Tar("rootfs-diff.tar", added);

    /// <summary>Adds entries to a tar in the archive; makes the tar if there is none.</summary>
    public void Tar(string name, params (TarEntry Entry, byte[] Content)[] added)
    {
        using var old = new MemoryStream(Names.Contains(name) ? this[name] : []);
        using var tar = new MemoryStream();
        WriteTar(tar, [.. old.Length > 0 ? ReadTar(old) : [], .. added]);
        Put(name, tar.ToArray());
    }

    /// <summary>A folder of a tar.</summary>
    public static (TarEntry Entry, byte[] Content) Folder(string name) => (TarEntry.OfDirectory(name, mode: 0x1ED /* 0755 */), []);

    /// <summary>A regular file of a tar.</summary>
    public static (TarEntry Entry, byte[] Content) RegularFile(string name, string content = "")
    {
        var bytes = Encoding.UTF8.GetBytes(content);
        return (TarEntry.OfFile(name, bytes.Length, mode: 0x1ED), bytes);
    }

    /// <summary>A symbolic link of a tar.</summary>
    public static (TarEntry Entry, byte[] Content) Link(string name, string target) => (
        new TarEntry
        {
            Name = Encoding.UTF8.GetBytes(name),
            Type = TarEntryType.Symlink,
            Mode = 0x1FF,
            LinkName = Encoding.UTF8.GetBytes(target),
        },
        []);

    private void Json(string name, Action<JsonObject> change)
    {
        var json = JsonNode.Parse(this[name])!.AsObject();
        change(json);
        Put(name, JsonSerializer.SerializeToUtf8Bytes(json, Compact));
    }

    private static List<(TarEntry Entry, byte[] Content)> ReadTar(Stream stream)
    {
        using var tar = new TarReader(stream);
        var entries = new List<(TarEntry, byte[])>();
        while (tar.Next() is { } entry)
        {
            using var content = new MemoryStream();
            tar.Data.CopyTo(content);
            entries.Add((entry with { Extents = null }, content.ToArray()));
        }
        return entries;
    }

    private static void WriteTar(Stream stream, IEnumerable<(TarEntry Entry, byte[] Content)> entries)
    {
        var tar = new TarWriter(stream);
        foreach (var (entry, content) in entries)
        {
            if (entry.Type == TarEntryType.File)
                tar.WriteEntry(entry, content);
            else
                tar.WriteEntry(entry);
        }
        tar.Finish();
    }
}
