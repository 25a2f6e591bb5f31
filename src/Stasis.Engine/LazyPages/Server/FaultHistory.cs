using System.Globalization;
using System.Text;
using Microsoft.Win32.SafeHandles;

namespace Stasis.Engine.LazyPages.Server;

/// <summary>
/// Which parts of its memory the copies of a checkpoint touch first, in their order: what the next copy is supplied with first. Kept in a file beside the checkpoint;
/// a line is a task and the number of a window of pages. Without the file, or with half of it, nothing is lost but time; it is written in place, since the checkpoint may be removed
/// meanwhile, and then no file may come into its folder.
/// </summary>
internal sealed class FaultHistory : IDisposable
{
    /// <summary>Pages of a window, which are supplied together when one of them is touched.</summary>
    public const int Window = 16;

    // 1 GiB of windows: more isn't "first".
    private const int Most = 1 << 14;

    private readonly SafeFileHandle? _file;
    private readonly List<(int Task, int Window)> _order;
    private readonly HashSet<(int Task, int Window)> _known;
    private int _saved;

    /// <summary>What the file knows. Without one, nothing is known before and kept afterwards.</summary>
    public FaultHistory(string path)
    {
        _order = Load(path);
        _file = File.Exists(path) ? File.OpenHandle(path, FileMode.Open, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete) : null;
        _known = [.. _order];
        _saved = _order.Count;
    }

    /// <summary>What is known now of a task: windows, in the order of their first touch.</summary>
    public IReadOnlyList<int> WindowsOf(int task)
    {
        lock (_order)
        {
            return [.. _order.Where(entry => entry.Task == task).Select(entry => entry.Window)];
        }
    }

    /// <summary>A page was touched before it was there.</summary>
    public void Add(int task, int page)
    {
        var entry = (task, page / Window);
        lock (_order)
        {
            if (_order.Count < Most && _known.Add(entry))
                _order.Add(entry);
        }
    }

    /// <summary>Makes the file, empty, if there is none.</summary>
    public static void MakeFile(string path) => File.OpenHandle(path, FileMode.OpenOrCreate, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete).Dispose();

    /// <summary>Writes down what has been learnt.</summary>
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
            return; // a full disk: the next copy has to wait for what this one had to wait for
        }
    }

    public void Dispose() => _file?.Dispose();

    // A damaged file is one that knows less.
    private static List<(int, int)> Load(string path)
    {
        var order = new List<(int, int)>();
        if (!File.Exists(path))
            return order;
        foreach (var line in File.ReadLines(path).Take(Most))
        {
            if (line.Split(' ') is [var task, var window] && int.TryParse(task, NumberStyles.None, CultureInfo.InvariantCulture, out var t)
                && int.TryParse(window, NumberStyles.None, CultureInfo.InvariantCulture, out var w))
                order.Add((t, w));
        }
        return order;
    }
}
