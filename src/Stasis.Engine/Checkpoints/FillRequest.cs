using Microsoft.Win32.SafeHandles;
using Stasis.Engine.Criu.LazyPages;
using Stasis.Engine.Storage;
using Stasis.Linux;

namespace Stasis.Engine.Checkpoints;

/// <summary>What a page server is to read into a checkpoint in the store.</summary>
/// <param name="Id">The checkpoint.</param>
/// <param name="Archive">The archive, open.</param>
/// <param name="Lock">The lock of who reads it, held.</param>
public sealed record FillRequest(string Id, SafeFileHandle Archive, SafeFileHandle Lock);
