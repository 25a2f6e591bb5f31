namespace Stasis.Engine.Containers;

public sealed partial class ContainerManager
{
    /// <summary>Runs a command in it, with the caller's stdio, and gives the command's exit code (0 at once when detached).</summary>
    public Task<int> ExecAsync(string nameOrId, ExecOptions options, CancellationToken cancellation) => throw new NotImplementedException();
}
