namespace Stasis.Engine.Model;

/// <summary>What another engine has made for a container that it runs, in place of what Stasis would have made.</summary>
/// <param name="Cgroups">Its cgroups: a folder in each hierarchy.</param>
/// <param name="CopyLog">Copies the log, as it is at that moment, to a file in the format of Stasis's own.</param>
internal sealed record EngineResources(IReadOnlyList<string> Cgroups, Action<string> CopyLog);
