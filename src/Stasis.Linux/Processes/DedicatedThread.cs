using System.Runtime.ExceptionServices;

namespace Stasis.Linux.Processes;

/// <summary>
/// Runs an action that changes its thread permanently (namespaces, credentials) on a thread of its own: a thread of the pool
/// would carry the change into other work. Threads that the action starts have the change, too. So the action must not wait for a task:
/// that can start threads of the pool.
/// </summary>
internal static class DedicatedThread
{
    /// <summary>Runs an action, and blocks until it has ended. Throws its exception.</summary>
    public static void Run(Action action) => Run(() =>
    {
        action();
        return true;
    });

    /// <summary>Runs a function, and blocks until it has ended. Returns what it returns, or throws its exception.</summary>
    public static T Run<T>(Func<T> function)
    {
        List<T> result = [];
        ExceptionDispatchInfo? failure = null;
        var thread = new Thread(() =>
        {
            try
            {
                result.Add(function());
            }
            catch (Exception e)
            {
                failure = ExceptionDispatchInfo.Capture(e);
            }
        });
        thread.Start();
        thread.Join();
        failure?.Throw();
        return result[0];
    }
}
