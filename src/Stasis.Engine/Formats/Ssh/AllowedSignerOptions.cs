using System.Globalization;
using System.IO.Enumeration;

namespace Stasis.Engine.Formats.Ssh;

/// <summary>Judges the options of a line in ssh-keygen's allowed signers file.</summary>
internal static class AllowedSignerOptions
{
    /// <summary>Whether options permit a key to sign archives now.</summary>
    /// <exception cref="FormatException">An option is unknown or malformed.</exception>
    public static bool Permits(string options)
    {
        var permits = true;
        foreach (var option in Split(options))
        {
            var (name, value) = option.Split('=', 2) is [var key, var quoted] ? (key, quoted.Trim('"')) : (option, "");
            permits &= name.ToLowerInvariant() switch
            {
                "cert-authority" => false,
                "namespaces" => IsForArchives(value.Split(',')),
                "valid-after" => Time(value) <= DateTimeOffset.UtcNow,
                "valid-before" => Time(value) > DateTimeOffset.UtcNow,
                _ => throw new FormatException($"the option \"{option}\" is not understood"),
            };
        }
        return permits;
    }

    // Patterns, which exclude with a leading "!" (ssh_config, PATTERNS).
    private static bool IsForArchives(string[] patterns) =>
        patterns.Any(Matches) && !patterns.Any(pattern => pattern.StartsWith('!') && Matches(pattern[1..]));

    private static bool Matches(string pattern) =>
        FileSystemName.MatchesSimpleExpression(pattern, SshSignature.Namespace, ignoreCase: false);

    private static List<string> Split(string options)
    {
        var parts = new List<string> { "" };
        var quoted = false;
        foreach (var c in options)
        {
            quoted ^= c == '"';
            if (c == ',' && !quoted)
                parts.Add("");
            else
                parts[^1] += c;
        }
        return parts.FindAll(part => part.Length > 0);
    }

    // YYYYMMDD[HHMM[SS]][Z], in the host's time without Z.
    private static DateTimeOffset Time(string text)
    {
        var style = text.EndsWith('Z') ? DateTimeStyles.AssumeUniversal : DateTimeStyles.AssumeLocal;
        return DateTimeOffset.TryParseExact(
            text.TrimEnd('Z'),
            ["yyyyMMdd", "yyyyMMddHHmm", "yyyyMMddHHmmss"],
            CultureInfo.InvariantCulture,
            style,
            out var time)
            ? time : throw new FormatException($"\"{text}\" is not a time such as 20270131 or 202701311020Z");
    }
}
