using System.Text.Json;
using System.Text.RegularExpressions;
using Stasis.Engine.Vetting.Findings;

namespace Stasis.Engine.Vetting.Images.Files;

/// <summary>
/// Reads descriptors.json, which says which files were the container's standard input, output and error.
/// Runtimes hand conmon's pipes to CRIU in their place. Under a name other than a pipe's, they would replace
/// a file of the container.
/// </summary>
internal static partial class StdioImageRule
{
    public static readonly RuleDescriptor Rule = new()
    {
        Id = "image-stdio",
        Finds = "descriptors from outside other than conmon's",
    };

    private const string File = "descriptors.json";
    private const int Longest = 1 << 16;

    public static void Check(ImageVerification verification)
    {
        var where = verification.Images.Where(File);
        if (!verification.Images.Has(File))
            return;
        if (verification.Images.Content(File, Longest) is not { } content)
        {
            verification.Refuse(Rule, where, File, "too long for what it is");
            return;
        }
        try
        {
            var names = JsonSerializer.Deserialize(content, EngineJson.Default.StringArray);
            if (names is not { Length: 3 })
                verification.Refuse(Rule, where, $"{names?.Length}", "not the names of three files");
            else
                CheckNames(verification, where, names);
        }
        catch (JsonException e)
        {
            verification.Refuse(Rule, where, "", $"not the names of three files in JSON: {e.Message}");
        }
    }

    private static void CheckNames(ImageVerification verification, string where, string?[] names)
    {
        foreach (var name in names)
        {
            if (name is null || (name.Contains("pipe:", StringComparison.Ordinal)
                ? !Pipe().IsMatch(name)
                : !ImagePathSyntax.IsPlain(name) && !Other().IsMatch(name)))
                verification.Refuse(Rule, where, name ?? "null", "not the name of a pipe, nor of a file");
        }
    }

    [GeneratedRegex(@"\Apipe:\[[0-9]{1,20}\]\z", RegexOptions.CultureInvariant)]
    private static partial Regex Pipe();

    [GeneratedRegex(@"\A(socket|anon_inode):\[?[a-z0-9]{1,20}\]?\z", RegexOptions.CultureInvariant)]
    private static partial Regex Other();
}

internal static partial class FileImageCheckList
{
    internal static readonly ImageCheck Stdio = Add(new(210, StdioImageRule.Check, StdioImageRule.Rule));
}
