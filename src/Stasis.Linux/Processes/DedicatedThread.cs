using System.Runtime.ExceptionServices;

namespace Stasis.Linux.Processes;

/// <summary>Runs what changes the calling thread for good (its namespaces, its credentials) on a thread that ends with it: one of the pool would carry the change into other work.</summary>
internal static class DedicatedThread
{
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
