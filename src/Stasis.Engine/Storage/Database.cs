namespace Stasis.Engine.Storage;

/// <summary>The SQLite database (WAL).</summary>
internal sealed class Database : IDisposable
{
    public static Database Open(Layout layout) => throw new NotImplementedException(layout.Database);

    public void Dispose() { }
}
