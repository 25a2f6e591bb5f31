using System.Runtime.ExceptionServices;

namespace Stasis.Linux.Processes;

/// <summary>
/// Runs an action that changes its thread permanently (namespaces, credentials) on a thread of its own: a thread of the pool
/// would carry the change into other work.
/// </summary>
internal static class DedicatedThread
{
    /// <summary>Runs an action, and blocks until it has ended. Throws its exception.</summary>
    public static void Run(Action action)
    {
        ExceptionDispatchInfo? failure = null;
        var thread = new Thread(() =>
        {
            try
            {
                action();
            }
            catch (Exception e)
            {
                failure = ExceptionDispatchInfo.Capture(e);
            }
        });
        thread.Start();
        thread.Join();
        failure?.Throw();
    }
}
