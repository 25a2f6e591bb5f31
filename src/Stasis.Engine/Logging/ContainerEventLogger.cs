using Microsoft.Extensions.Logging;

namespace Stasis.Engine.Logging;

/// <summary>Logs changes of containers' states, the operations on them, and what is recovered.</summary>
internal sealed class ContainerEventLogger(ILogger logger)
{
    /// <summary>Logs the change of a container's status, if there is one.</summary>
    public void StatusChanges<TStatus>(string name, string id, TStatus former, TStatus status) where TStatus : struct, Enum
    {
        if (!EqualityComparer<TStatus>.Default.Equals(former, status) && logger.IsEnabled(LogLevel.Information))
            LogMessages.StatusChanged(logger, name, Short(id), Text(status), Text(former));
    }

    public void Removed(string name, string id)
    {
        if (logger.IsEnabled(LogLevel.Information))
            LogMessages.Removed(logger, name, Short(id));
    }

    public void OperationBegins(string name, string id, string operation)
    {
        if (logger.IsEnabled(LogLevel.Debug))
            LogMessages.OperationBegins(logger, name, Short(id), operation);
    }

    public void OperationStep(string name, string id, string step)
    {
        if (logger.IsEnabled(LogLevel.Debug))
            LogMessages.OperationStep(logger, name, Short(id), step);
    }

    public void OperationEnds(string name, string id)
    {
        if (logger.IsEnabled(LogLevel.Debug))
            LogMessages.OperationEnds(logger, name, Short(id));
    }

    public void Recovering(string name, string id, string operation)
    {
        if (logger.IsEnabled(LogLevel.Information))
            LogMessages.Recovering(logger, name, Short(id), operation);
    }

    public void NotRecovered(string name, string id, string operation, string reason)
    {
        if (logger.IsEnabled(LogLevel.Warning))
            LogMessages.NotRecovered(logger, name, Short(id), operation, reason);
    }

    private static string Short(string id) => id.Length > 12 ? id[..12] : id;

    private static string Text<TStatus>(TStatus status) where TStatus : struct, Enum => status.ToString().ToLowerInvariant();
}
