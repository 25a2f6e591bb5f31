using Stasis.Linux.Files;

namespace Stasis.Engine.Formats.Tar;

/// <summary>Decides whether an entry is packed.</summary>
/// <param name="path">The entry's path relative to the tree's root.</param>
/// <param name="folder">The folder that the entry is in.</param>
/// <param name="name">The entry's name in the folder.</param>
/// <param name="status">The entry's status, as from lstat.</param>
internal delegate TarPackerChoice TarPackerFilter(
    ReadOnlySpan<byte> path,
    DirectoryHandle folder,
    ReadOnlySpan<byte> name,
    in FileStatus status);
