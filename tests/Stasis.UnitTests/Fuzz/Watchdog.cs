using System.Diagnostics;
using System.Globalization;
using Microsoft.Win32.SafeHandles;

namespace Stasis.UnitTests.Fuzz;

/// <summary>
/// Ends the process when an input never ends, which no assertion would be reached to say. Which one it was is
/// written into a file in STASIS_FUZZ_FOLDER beforehand, so that it is known also when native code takes the
/// process with it.
/// </summary>
internal sealed class Watchdog : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);

    private readonly string _target;
    private readonly SafeFileHandle? _file;
    private readonly Timer _timer;
    private readonly byte[] _line = new byte[64];
    private string _what = "";
    private long _begun = Stopwatch.GetTimestamp();

    public Watchdog(string target)
    {
        _target = target;
        if (Environment.GetEnvironmentVariable("STASIS_FUZZ_FOLDER") is { Length: > 0 } folder)
            _file = File.OpenHandle(Path.Combine(folder, target), FileMode.Create, FileAccess.Write);
        _timer = new Timer(_ => Look(), null, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(1));
    }

    public void Begin(long seed, long input)
    {
        _begun = Stopwatch.GetTimestamp();
        _what = string.Create(CultureInfo.InvariantCulture, $"STASIS_FUZZ_SEED={seed} STASIS_FUZZ_FROM={input}");
        if (_file is null)
            return;
        _line.AsSpan().Fill((byte)' ');
        System.Text.Encoding.ASCII.GetBytes(_what, _line);
        RandomAccess.Write(_file, _line, 0);
    }

    public void Dispose()
    {
        _timer.Dispose();
        _file?.Dispose();
    }

    private void Look()
    {
        if (Stopwatch.GetElapsedTime(_begun) > Patience)
            Environment.FailFast($"{_target}: an input took more than {Patience.TotalMinutes} min: {_what}");
    }
}
