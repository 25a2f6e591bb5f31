using Microsoft.Extensions.Logging;

namespace Stasis.Engine.Logging;

/// <summary>Logs what CRIU has written into its log file, a message for each line.</summary>
internal sealed class CriuLogForwarder(ILogger logger)
{
    /// <summary>Logs the file's lines. Does nothing if there is no such file.</summary>
    public void Forward(string path)
    {
        if (!logger.IsEnabled(LogLevel.Debug) || !File.Exists(path))
            return;
        foreach (var line in File.ReadLines(path))
            LogMessages.CriuLine(logger, line);
    }
}
