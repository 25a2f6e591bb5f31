using Microsoft.Win32.SafeHandles;

namespace Stasis.Engine.Checkpoints.Import;

/// <summary>The pages that a page server reads into a checkpoint in the store.</summary>
/// <param name="Id">ID of the checkpoint.</param>
/// <param name="Archive">The archive, open for reading; or a description of a layer on a registry.</param>
/// <param name="IsOnRegistry">Which of the two it is.</param>
/// <param name="Lock">The checkpoint's lock that shows that somebody completes it, held.</param>
internal sealed record BackfillRequest(string Id, SafeFileHandle Archive, bool IsOnRegistry, SafeFileHandle Lock);
