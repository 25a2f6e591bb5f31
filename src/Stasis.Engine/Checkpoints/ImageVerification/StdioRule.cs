using System.Text.Json;
using System.Text.RegularExpressions;

namespace Stasis.Engine.Checkpoints.ImageVerification;

/// <summary>
/// descriptors.json: which of the container's files were its standard input, output and error. Runtimes hand conmon's pipes to CRIU in the place of those; under any other name than a pipe's they
/// would stand for a file of the container.
/// </summary>
internal static partial class StdioRule
{
    private const string Rule = "image-stdio", File = "descriptors.json";
    private const int Longest = 1 << 16;

    public static void Check(Verification verification)
    {
        var where = verification.Images.Where(File);
        if (verification.Images.Length(File) is not { } length)
            return;
        if (length > Longest)
        {
            verification.Refuse(Rule, where, $"{length}", "too long for what it is");
            return;
        }
        try
        {
            using var names = JsonDocument.Parse(System.IO.File.ReadAllBytes(verification.Images.PathOf(File)));
            if (names.RootElement.ValueKind != JsonValueKind.Array || names.RootElement.GetArrayLength() != 3)
                verification.Refuse(Rule, where, names.RootElement.ValueKind.ToString(), "not the names of three files");
            else
                CheckNames(verification, where, names.RootElement);
        }
        catch (JsonException e)
        {
            verification.Refuse(Rule, where, "", $"not JSON: {e.Message}");
        }
    }

    private static void CheckNames(Verification verification, string where, JsonElement names)
    {
        foreach (var name in names.EnumerateArray())
        {
            var text = name.ValueKind == JsonValueKind.String ? name.GetString()! : name.GetRawText();
            if (text.Contains("pipe:", StringComparison.Ordinal) ? !Pipe().IsMatch(text) : !PathRules.IsPlain(text) && !Other().IsMatch(text))
                verification.Refuse(Rule, where, text, "not the name of a pipe, nor of a file");
        }
    }

    [GeneratedRegex(@"\Apipe:\[[0-9]{1,20}\]\z", RegexOptions.CultureInvariant)]
    private static partial Regex Pipe();

    [GeneratedRegex(@"\A(socket|anon_inode):\[?[a-z0-9]{1,20}\]?\z", RegexOptions.CultureInvariant)]
    private static partial Regex Other();
}
