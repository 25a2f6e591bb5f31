using System.Globalization;
using System.Text;
using Microsoft.Win32.SafeHandles;

namespace Stasis.Engine.LazyPages.Server;

/// <summary>
/// Which pages the copies of a checkpoint touched before they were there, in order: the next copy is supplied with these first.
/// Kept in a file beside the checkpoint; a line is a task's PID and the number of a window of pages. A missing or damaged file
/// costs only time. The file is written in place: the checkpoint may be removed meanwhile, and then no new file may appear in its
/// folder.
/// </summary>
internal sealed class FaultHistory : IDisposable
{
    /// <summary>Pages in a window. They are supplied together when one of them is touched.</summary>
    public const int Window = 16;

    // 1 GiB of pages.
    private const int MaxWindows = 1 << 14;

    private readonly SafeFileHandle? _file;
    private readonly List<(int Task, int Window)> _order;
    private readonly HashSet<(int Task, int Window)> _known;
    private int _saved;

    /// <summary>Reads the file. If there is none, the history is empty and <see cref="Save"/> does nothing.</summary>
    public FaultHistory(string path)
    {
        _order = Load(path);
        _file = File.Exists(path) ? File.OpenHandle(path, FileMode.Open, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete) : null;
        _known = [.. _order];
        _saved = _order.Count;
    }

    /// <summary>The windows of a task, in the order of their first touch.</summary>
    public IReadOnlyList<int> WindowsOf(int task)
    {
        lock (_order)
        {
            return [.. _order.Where(entry => entry.Task == task).Select(entry => entry.Window)];
        }
    }

    /// <summary>Adds the window of a page that was touched before it was there.</summary>
    public void Add(int task, int page)
    {
        var entry = (task, page / Window);
        lock (_order)
        {
            if (_order.Count < MaxWindows && _known.Add(entry))
                _order.Add(entry);
        }
    }

    /// <summary>Makes an empty file if there is none.</summary>
    public static void CreateFile(string path) =>
        File.OpenHandle(path, FileMode.OpenOrCreate, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete).Dispose();

    /// <summary>Writes the file, if anything was added.</summary>
    public void Save()
    {
        if (_file is null)
            return;
        var text = new StringBuilder();
        lock (_order)
        {
            if (_order.Count == _saved)
                return;
            _saved = _order.Count;
            foreach (var (task, window) in _order)
                text.Append(CultureInfo.InvariantCulture, $"{task} {window}\n");
        }
        try
        {
            RandomAccess.Write(_file, Encoding.ASCII.GetBytes(text.ToString()), 0);
        }
        catch (IOException)
        {
            return; // the disk is full: the next copy starts as slowly as this one did
        }
    }

    public void Dispose() => _file?.Dispose();

    // Skips damaged lines.
    private static List<(int, int)> Load(string path)
    {
        var order = new List<(int, int)>();
        if (!File.Exists(path))
            return order;
        foreach (var line in File.ReadLines(path).Take(MaxWindows))
        {
            if (line.Split(' ') is [var task, var window] && int.TryParse(task, NumberStyles.None, CultureInfo.InvariantCulture, out var t)
                && int.TryParse(window, NumberStyles.None, CultureInfo.InvariantCulture, out var w))
                order.Add((t, w));
        }
        return order;
    }
}
