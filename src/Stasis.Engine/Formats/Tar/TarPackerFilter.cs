using Stasis.Linux.Files;

namespace Stasis.Engine.Formats.Tar;

/// <summary>Decides on one entry: its path relative to the tree's root, as bytes, the folder it lies in, its name there, and what lstat tells.</summary>
internal delegate TarPackerChoice TarPackerFilter(ReadOnlySpan<byte> path, DirectoryHandle folder, ReadOnlySpan<byte> name, in FileStatus status);
