using Stasis.Engine.Errors;

namespace Stasis.Engine.Formats.Age;

/// <summary>Reads age's files of identities and recipients: one a line, with comments.</summary>
internal static class AgeKeyFiles
{
    /// <summary>Reads the identities of all files (age -i).</summary>
    /// <exception cref="StasisException">
    /// A file can't be read, is readable by others than its owner, or contains something else.
    /// </exception>
    public static IReadOnlyList<AgeIdentity> ReadIdentities(IEnumerable<string> files) => [.. files.SelectMany(ReadIdentities)];

    /// <summary>
    /// Reads recipients, or files of recipients (age -r, age -R). Text that looks like a recipient is never
    /// taken for a file.
    /// </summary>
    /// <exception cref="StasisException">A text is neither.</exception>
    public static IReadOnlyList<AgeRecipient> ReadRecipients(IEnumerable<string> given) =>
        [.. given.SelectMany(text => !text.StartsWith(AgeRecipient.Start, StringComparison.Ordinal) && File.Exists(text)
            ? ReadRecipientFile(text)
            : [AgeRecipient.Parse(text)])];

    private static List<AgeIdentity> ReadIdentities(string file)
    {
        var identities = new List<AgeIdentity>();
        var content = KeyFile.ReadSecret(file, "identity file");
        if (content.StartsWith(AgeHeader.Version, StringComparison.Ordinal)
            || content.StartsWith("-----BEGIN AGE", StringComparison.Ordinal))
            throw new StasisException(
                $"identity file {file}: it is encrypted itself")
            { Remedy = $"decrypt it into a pipe: --identity <(age -d {file})" };
        foreach (var (number, line) in KeyFile.Lines(content))
        {
            if (AgeIdentity.TryParse(line) is { } identity)
                identities.Add(identity);
            else // the message doesn't contain the line: it may be a mistyped secret
                throw new StasisException($"identity file {file}: line {number} is not an age identity (AGE-SECRET-KEY-1…)")
                {
                    Remedy = "age-keygen makes identities; what is encrypted to others, age decrypts: "
                        + "age -d -i IDENTITY FILE | stasis container restore --import -",
                };
        }
        return identities.Count > 0
            ? identities
            : throw new StasisException($"identity file {file}: it holds none") { Remedy = $"age-keygen -o FILE makes one" };
    }

    private static List<AgeRecipient> ReadRecipientFile(string file)
    {
        var lines = KeyFile.Lines(KeyFile.Read(file, "recipients file")).ToList();
        if (lines.Count == 0)
            throw new StasisException($"recipients file {file}: it holds none");
        return lines.ConvertAll(line =>
        {
            try
            {
                return AgeRecipient.Parse(line.Text);
            }
            catch (StasisException e)
            {
                throw new StasisException($"recipients file {file}: line {line.Number}: {e.Message}", e) { Remedy = e.Remedy };
            }
        });
    }
}
