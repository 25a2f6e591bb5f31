using Microsoft.Extensions.Logging;
using Stasis.Engine.Model;

namespace Stasis.Engine.Logging;

/// <summary>Logs changes of containers' states, the operations on them, and what is recovered.</summary>
internal sealed class ContainerLog(ILogger logger)
{
    /// <summary>Logs the change if <paramref name="state"/> has another status than the container.</summary>
    public void StatusChanges(Container container, ContainerState state)
    {
        if (state.Status != container.State.Status && logger.IsEnabled(LogLevel.Information))
            LogMessages.StatusChanged(logger, container.Name, Short(container), Text(state.Status), Text(container.State.Status));
    }

    public void Removed(Container container)
    {
        if (logger.IsEnabled(LogLevel.Information))
            LogMessages.Removed(logger, container.Name, Short(container));
    }

    public void OperationBegins(Container container, string operation)
    {
        if (logger.IsEnabled(LogLevel.Debug))
            LogMessages.OperationBegins(logger, container.Name, Short(container), operation);
    }

    public void OperationStep(Container container, string step)
    {
        if (logger.IsEnabled(LogLevel.Debug))
            LogMessages.OperationStep(logger, container.Name, Short(container), step);
    }

    public void OperationEnds(Container container)
    {
        if (logger.IsEnabled(LogLevel.Debug))
            LogMessages.OperationEnds(logger, container.Name, Short(container));
    }

    public void Recovering(Container container, string operation)
    {
        if (logger.IsEnabled(LogLevel.Information))
            LogMessages.Recovering(logger, container.Name, Short(container), operation);
    }

    public void NotRecovered(Container container, string operation, string reason)
    {
        if (logger.IsEnabled(LogLevel.Warning))
            LogMessages.NotRecovered(logger, container.Name, Short(container), operation, reason);
    }

    private static string Short(Container container) => container.Id.Length > 12 ? container.Id[..12] : container.Id;

    private static string Text(ContainerStatus status) => status.ToString().ToLowerInvariant();
}
