namespace Stasis.UnitTests;

internal static class TempFiles
{
    /// <summary>Makes a file in the folder and gives its path.</summary>
    public static string File(this TempDirectory directory, string name, string text)
    {
        var path = Path.Combine(directory.Path, name);
        System.IO.File.AppendAllText(path, text);
        return path;
    }
}
