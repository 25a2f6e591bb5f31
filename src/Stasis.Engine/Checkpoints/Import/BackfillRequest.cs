using Microsoft.Win32.SafeHandles;

namespace Stasis.Engine.Checkpoints.Import;

/// <summary>What a page server is to read into a checkpoint in the store.</summary>
/// <param name="Id">The checkpoint.</param>
/// <param name="Archive">The archive, open.</param>
/// <param name="Lock">The lock of who reads it, held.</param>
internal sealed record BackfillRequest(string Id, SafeFileHandle Archive, SafeFileHandle Lock);
