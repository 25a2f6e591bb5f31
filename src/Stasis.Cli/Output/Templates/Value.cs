using System.Globalization;
using System.Text.Json;

namespace Stasis.Cli.Output.Templates;

/// <summary>A value in a template. <see cref="ToString"/> gives what Go's fmt prints with %v.</summary>
internal abstract class Value
{
    /// <summary>Name of the type in Go, for messages.</summary>
    public abstract string Type { get; }

    /// <summary>Whether <c>if</c> takes the value for true: not false, 0, nil or empty.</summary>
    public virtual bool IsTrue => true;

    /// <summary>The result of <c>len</c>; null for a value without a length.</summary>
    public virtual int? Length => null;

    /// <summary>The items that <c>range</c> iterates over; null for a value without items.</summary>
    public virtual IEnumerable<(Value Key, Value Item)>? Items => null;

    /// <summary>A field; null if the type has no such field.</summary>
    public virtual Value? Field(string name) => null;

    /// <summary>Names of the fields, if they are known.</summary>
    public virtual IEnumerable<string> FieldNames => [];

    public abstract void WriteJson(Utf8JsonWriter writer);

    public abstract override string ToString();
}

/// <summary>No value: nil, or a key that a map does not have.</summary>
internal sealed class NilValue : Value
{
    public static readonly NilValue Nil = new("<nil>");
    public static readonly NilValue NoValue = new("<no value>");

    private readonly string _text;

    private NilValue(string text) => _text = text;

    public override string Type => "nil";

    public override bool IsTrue => false;

    public override IEnumerable<(Value, Value)> Items => [];

    public override void WriteJson(Utf8JsonWriter writer) => writer.WriteNullValue();

    public override string ToString() => _text;
}

internal sealed class BooleanValue(bool value) : Value
{
    public bool Content => value;

    public override string Type => "bool";

    public override bool IsTrue => value;

    public override void WriteJson(Utf8JsonWriter writer) => writer.WriteBooleanValue(value);

    public override string ToString() => value ? "true" : "false";
}

/// <summary>An integer of any type of Go.</summary>
internal sealed class IntegerValue(Int128 value) : Value
{
    public Int128 Content => value;

    /// <summary>The value as an int; null if it is too large.</summary>
    public int? Small => value >= int.MinValue && value <= int.MaxValue ? (int)value : null;

    public override string Type => "int";

    public override bool IsTrue => value != 0;

    public override IEnumerable<(Value, Value)> Items
    {
        get
        {
            for (Int128 i = 0; i < value; i++)
                yield return (new IntegerValue(i), new IntegerValue(i));
        }
    }

    public override void WriteJson(Utf8JsonWriter writer) => writer.WriteRawValue(ToString());

    public override string ToString() => value.ToString(CultureInfo.InvariantCulture);
}

internal sealed class RealValue(double value) : Value
{
    public double Content => value;

    public override string Type => "float64";

    public override bool IsTrue => value != 0;

    public override void WriteJson(Utf8JsonWriter writer)
    {
        if (double.IsFinite(value))
            writer.WriteNumberValue(value);
        else
            writer.WriteNullValue();
    }

    public override string ToString() => GoFloat.General(value);
}

internal sealed class TextValue(string value) : Value
{
    public string Content => value;

    public override string Type => "string";

    public override bool IsTrue => value.Length > 0;

    public override int? Length => System.Text.Encoding.UTF8.GetByteCount(value);

    public override void WriteJson(Utf8JsonWriter writer) => writer.WriteStringValue(value);

    public override string ToString() => value;
}

internal sealed class ListValue(IReadOnlyList<Value> items) : Value
{
    public IReadOnlyList<Value> Content => items;

    public override string Type => $"[]{(items.Count > 0 ? items[0].Type : "string")}";

    public override bool IsTrue => items.Count > 0;

    public override int? Length => items.Count;

    public override IEnumerable<(Value, Value)> Items => items.Select((item, index) => ((Value)new IntegerValue(index), item));

    public override void WriteJson(Utf8JsonWriter writer)
    {
        writer.WriteStartArray();
        foreach (var item in items)
            item.WriteJson(writer);
        writer.WriteEndArray();
    }

    public override string ToString() => $"[{string.Join(' ', items)}]";
}

/// <summary>A map with string keys. As in Go, iteration and printing are in the order of the keys.</summary>
/// <param name="entries">The entries.</param>
/// <param name="missing">The result of <c>index</c> for a missing key: the zero value of the values' type.</param>
internal sealed class MapValue(IReadOnlyDictionary<string, Value> entries, Value missing) : Value
{
    private IEnumerable<KeyValuePair<string, Value>> Sorted => entries.OrderBy(entry => entry.Key, StringComparer.Ordinal);

    public override string Type => $"map[string]{(missing is NilValue ? "interface {}" : missing.Type)}";

    public override bool IsTrue => entries.Count > 0;

    public override int? Length => entries.Count;

    public override IEnumerable<(Value, Value)> Items => Sorted.Select(entry => ((Value)new TextValue(entry.Key), entry.Value));

    public override Value Field(string name) => entries.GetValueOrDefault(name, NilValue.NoValue);

    public Value Index(string key) => entries.GetValueOrDefault(key, missing);

    public override void WriteJson(Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        foreach (var (key, value) in Sorted)
        {
            writer.WritePropertyName(key);
            value.WriteJson(writer);
        }
        writer.WriteEndObject();
    }

    public override string ToString() => $"map[{string.Join(' ', Sorted.Select(entry => $"{entry.Key}:{entry.Value}"))}]";
}
