using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using SQLitePCL;
using static SQLitePCL.raw;

namespace Stasis.Engine.Storage.Sqlite;

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
