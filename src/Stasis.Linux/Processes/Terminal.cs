using Microsoft.Win32.SafeHandles;
using Stasis.Linux.Native;

namespace Stasis.Linux.Processes;

/// <summary>Terminals (termios(3), ioctl_tty(2)).</summary>
public static unsafe class Terminal
{
    /// <summary>Standard input, output or error (0, 1, 2) of this process. Disposing of the handle doesn't close the descriptor.</summary>
    public static SafeFileHandle Standard(int number) => new(number, ownsHandle: false);

    /// <summary>Whether a file is a terminal.</summary>
    public static bool IsTerminal(SafeFileHandle file) => Libc.isatty(file) == 1;

    /// <summary>Sets a terminal to raw mode (cfmakeraw(3)) until the result is disposed of.</summary>
    public static IDisposable MakeRaw(SafeFileHandle terminal)
    {
        Libc.Termios before;
        if (Libc.tcgetattr(terminal, &before) != 0)
            throw LinuxException.Last("tcgetattr");
        var raw = before;
        Libc.cfmakeraw(&raw);
        if (Libc.tcsetattr(terminal, 0, &raw) != 0)
            throw LinuxException.Last("tcsetattr");
        return new Restore(terminal, before);
    }

    /// <summary>The size of a terminal.</summary>
    public static (int Rows, int Columns) GetSize(SafeFileHandle terminal)
    {
        Libc.WinSize size;
        return Libc.ioctl(terminal, Libc.TIOCGWINSZ, &size) == 0 ? (size.Rows, size.Columns) : throw LinuxException.Last("TIOCGWINSZ");
    }

    /// <summary>Sets the size of a terminal. Its foreground processes get SIGWINCH.</summary>
    public static void SetSize(SafeFileHandle terminal, int rows, int columns)
    {
        var size = new Libc.WinSize { Rows = (ushort)rows, Columns = (ushort)columns };
        if (Libc.ioctl(terminal, Libc.TIOCSWINSZ, &size) != 0)
            throw LinuxException.Last("TIOCSWINSZ");
    }

    private sealed class Restore(SafeFileHandle terminal, Libc.Termios before) : IDisposable
    {
        public void Dispose()
        {
            var settings = before;
            _ = Libc.tcsetattr(terminal, 0, &settings); // fails if the terminal is gone: nothing to restore then
        }
    }
}
