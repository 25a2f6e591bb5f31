namespace Stasis.Engine.Vetting.Images.Files;

/// <summary>How a file in one of the kernel's file systems is open.</summary>
/// <param name="File">The file's ID in the images; 0 for a watch.</param>
/// <param name="IsDirectory">Whether the images say that it is a directory.</param>
/// <param name="IsWritten">Whether it is open for writing.</param>
internal readonly record struct OpenKernelFile(uint File, bool IsDirectory, bool IsWritten);
