namespace Stasis.Engine.Storage;

/// <summary>A verb that began and hasn't ended.</summary>
/// <param name="Data">What its recovery needs to know, in the verb's own form.</param>
internal sealed record PendingOperation(string ContainerId, string Kind, string Step, string? Data, DateTimeOffset Since);
