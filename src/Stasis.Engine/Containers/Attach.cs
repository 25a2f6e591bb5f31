namespace Stasis.Engine.Containers;

public sealed partial class ContainerManager
{
    /// <summary>Starts it with the caller's stdio attached and gives its exit code. Signals that reach the caller are passed on.</summary>
    public Task<int> StartAttachedAsync(string nameOrId, CancellationToken cancellation) => throw new NotImplementedException();
}
