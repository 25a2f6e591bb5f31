using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using SQLitePCL;
using static SQLitePCL.raw;

namespace Stasis.Engine.Storage;

/// <summary>An argument of a statement: null, an integer, or text (given as a string or as UTF-8).</summary>
internal readonly struct SqlValue
{
    private readonly long _integer;
    private readonly ReadOnlyMemory<byte>? _text;
    private readonly bool _isInteger;

    private SqlValue(long integer) => (_integer, _isInteger) = (integer, true);

    private SqlValue(ReadOnlyMemory<byte> text) => _text = text;

    public static implicit operator SqlValue(string? value) => value is null ? default : new SqlValue(Encoding.UTF8.GetBytes(value));

    public static implicit operator SqlValue(long value) => new(value);

    public static implicit operator SqlValue(bool value) => new(value ? 1L : 0);

    /// <summary>Unix milliseconds.</summary>
    public static implicit operator SqlValue(DateTimeOffset value) => new(value.ToUnixTimeMilliseconds());

    public static SqlValue Json<T>(T value, JsonTypeInfo<T> type) => new(JsonSerializer.SerializeToUtf8Bytes(value, type));

    public void Bind(sqlite3_stmt statement, int index)
    {
        // The only ways to fail are a wrong index and no memory; SQLite then treats the argument as NULL, which the columns refuse.
        _ = _isInteger ? sqlite3_bind_int64(statement, index, _integer)
            : _text is { } text ? sqlite3_bind_text(statement, index, text.Span)
            : sqlite3_bind_null(statement, index);
    }
}

/// <summary>The current row of a query.</summary>
internal readonly struct Row(sqlite3_stmt statement)
{
    public bool IsNull(int column) => sqlite3_column_type(statement, column) == SQLITE_NULL;

    public long Integer(int column) => sqlite3_column_int64(statement, column);

    public bool Boolean(int column) => Integer(column) != 0;

    public DateTimeOffset Time(int column) => DateTimeOffset.FromUnixTimeMilliseconds(Integer(column));

    public string Text(int column) => sqlite3_column_text(statement, column).utf8_to_string();

    public string? TextOrNull(int column) => IsNull(column) ? null : Text(column);

    public T Json<T>(int column, JsonTypeInfo<T> type) => JsonSerializer.Deserialize(sqlite3_column_blob(statement, column), type)
        ?? throw new JsonException($"column {column} is null");
}
