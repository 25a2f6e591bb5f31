using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using SQLitePCL;
using static SQLitePCL.raw;

namespace Stasis.Engine.Storage.Sqlite;

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
