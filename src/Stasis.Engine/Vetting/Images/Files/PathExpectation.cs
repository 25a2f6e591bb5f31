namespace Stasis.Engine.Vetting.Images.Files;

/// <summary>What must be at a path of the images, by what CRIU does with it.</summary>
internal static class PathExpectation
{
    /// <summary>What is wrong if nothing is there; null if nothing is.</summary>
    public static string? JudgeMissing(ImagePathField path) => path.Use switch
    {
        PathUse.Open or PathUse.MountRoot => "there is no such file",
        PathUse.Watch => "there is no such file to watch",
        _ => null,
    };

    /// <summary>What is wrong with a type of file (S_IFMT) that is there; null if nothing is.</summary>
    public static string? Judge(ImagePathField path, uint type)
    {
        switch (path.Use)
        {
            case PathUse.Open when type != (path.Mode == 0 ? ModeBits.Regular : path.Mode):
                return $"it is {ModeBits.Describe(type)}, and should be {ModeBits.Describe(path.Mode == 0 ? ModeBits.Regular : path.Mode)}";
            // CRIU takes a directory that it needn't create, and follows a link in its place.
            case PathUse.Ghost when path.Mode == ModeBits.Directory && type != ModeBits.Directory:
                return $"it is {ModeBits.Describe(type)}, where a deleted directory would be created";
            case PathUse.Socket when type != ModeBits.Socket:
            case PathUse.DeletedSocket when type == ModeBits.Link:
                return $"it is {ModeBits.Describe(type)}, where a socket would be created";
            case PathUse.MountPoint or PathUse.MountRoot when type == ModeBits.Link:
                return "it is a symbolic link";
            default:
                return null;
        }
    }
}
