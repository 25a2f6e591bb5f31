namespace Stasis.Engine.Criu;

/// <summary>
/// Corrects CRIU's images of a dump, so that a restore succeeds and the processes are as they were. This is done once: right after a
/// dump, or when another engine's archive has been vetted.
/// </summary>
internal static class CriuDumpCorrections
{
    /// <summary>Corrects all images in a folder.</summary>
    /// <param name="images">The folder of CRIU's images.</param>
    /// <param name="engineFiles">Paths in the container of files that are written anew for each restore.</param>
    /// <exception cref="InvalidDataException">An image is damaged.</exception>
    public static void Apply(string images, IReadOnlyCollection<string> engineFiles)
    {
        TaskIdsImage.UnifyTimeNamespace(images);
        CoreImage.RestartInterruptedCalls(images);
        TimersImage.CorrectThreads(images);
        FilesImage.DropSizes(images, engineFiles);
    }
}
