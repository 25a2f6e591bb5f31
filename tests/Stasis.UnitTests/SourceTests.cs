using System.Reflection;
using System.Text.RegularExpressions;
using Stasis.Cli;
using Stasis.Engine;
using Stasis.Linux;
using Xunit;

namespace Stasis.UnitTests;

/// <summary>What a reader may expect of the sources: short lines, small folders, and names that are there once.</summary>
public partial class SourceTests
{
    private const int MaxLineLength = 140;
    private const int MaxFiles = 26;

    private static readonly string[] Folders = ["src", "bench"];

    [Fact]
    public void Lines_have_at_most_140_columns() =>
        Assert.Empty(
            from file in Folders.SelectMany(SourceFiles)
            from line in File.ReadLines(file).Index()
            where line.Item.Replace("\t", "    ", StringComparison.Ordinal).Length > MaxLineLength
            select $"{Path.GetRelativePath(Repository.Root, file)}:{line.Index + 1}");

    /// <summary>
    /// Folders under the roots are private, those above them too: <see cref="Stasis.Linux.Files.PrivateDirectory"/> makes them. The
    /// others, by file, are a folder of the user's, cgroups, and folders that containers see.
    /// </summary>
    [Fact]
    public void Folders_are_made_private() =>
        Assert.Equal(
            [
                "ConmonCgroup.cs", "ContainerMounts.cs", "IdentityFile.cs", "JailCgroups.cs", "JailMounts.cs",
                "ManCommand.cs", "PrivateDirectory.cs", "SystemdScope.cs", "VolumeManager.cs",
            ],
            SourceFiles("src")
                .Where(file => File.ReadAllText(file).Contains(" Directory.CreateDirectory(", StringComparison.Ordinal))
                .Select(file => Path.GetFileName(file))
                .Order(StringComparer.Ordinal));

    /// <summary>Declarations of the C library are one folder: a file for each header.</summary>
    [Fact]
    public void Folders_have_few_files() =>
        Assert.Empty(
            from file in SourceFiles("src")
            group file by Path.GetDirectoryName(file) into folder
            where folder.Count() > MaxFiles && Path.GetFileName(folder.Key) != "Native"
            select $"{Path.GetRelativePath(Repository.Root, folder.Key!)}: {folder.Count()} files");

    /// <summary>A page that leads through the sources has to name what is there.</summary>
    [Fact]
    public void The_types_that_the_architecture_page_names_exist()
    {
        var types = Folders.Append("tests").SelectMany(SourceFiles).Select(file => Path.GetFileNameWithoutExtension(file));
        var known = types.SelectMany(name => name.Split('.')).ToHashSet(StringComparer.Ordinal);
        var page = File.ReadAllText(Path.Combine(Repository.Root, "docs/architecture.md"));
        var named = TypeInBackticks().Matches(page).Select(match => match.Groups[1].Value).ToList();
        Assert.NotEmpty(named);
        Assert.Subset(known, named.ToHashSet(StringComparer.Ordinal));
    }

    // `RestoreOperation`, `CheckpointManager.Restore.cs`
    [GeneratedRegex("`([A-Z][a-z]+[A-Z][A-Za-z]*)(?:\\.[A-Za-z.]+)?`")]
    private static partial Regex TypeInBackticks();

    [Fact]
    public void File_names_are_there_once_in_a_project() =>
        Assert.Empty(
            from project in Directory.GetDirectories(Path.Combine(Repository.Root, "src"))
            from name in SourceFiles(project).Select(file => Path.GetFileName(file)).GroupBy(name => name)
            where name.Count() > 1
            select $"{Path.GetFileName(project)}: {name.Key}");

    [Fact]
    public void Type_names_are_there_once_in_an_assembly() =>
        Assert.Empty(
            from assembly in (Assembly[])[typeof(CommandTree).Assembly, typeof(StasisEngine).Assembly, typeof(LinuxException).Assembly]
            from type in assembly.GetTypes()
            where !type.IsNested && type.Namespace?.StartsWith("Stasis", StringComparison.Ordinal) == true
            group type by (assembly, type.Name) into types
            where types.Count() > 1
            select string.Join(", ", types));

    private static IEnumerable<string> SourceFiles(string folder) =>
        from file in Directory.EnumerateFiles(Path.Combine(Repository.Root, folder), "*.cs", SearchOption.AllDirectories)
        let path = Path.GetRelativePath(Repository.Root, file)
        where !path.Split('/').Intersect(["bin", "obj", "artifacts"]).Any()
        select file;
}
