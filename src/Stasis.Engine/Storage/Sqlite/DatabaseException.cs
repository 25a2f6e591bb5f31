using Stasis.Engine.Errors;
using static SQLitePCL.raw;

namespace Stasis.Engine.Storage.Sqlite;

/// <summary>The database failed. <paramref name="code"/> is SQLite's extended result code.</summary>
internal sealed class DatabaseException(string message, int code, Exception? inner = null) : StasisException(message, inner)
{
    /// <summary>A row with that key or unique value is there already (SQLITE_CONSTRAINT_UNIQUE, _PRIMARYKEY).</summary>
    public bool IsDuplicate => code is SQLITE_CONSTRAINT_UNIQUE or SQLITE_CONSTRAINT_PRIMARYKEY;
}
