using Stasis.Engine.Errors;

namespace Stasis.Engine.Formats.Age;

/// <summary>Files of identities and of recipients, as age has them: one a line, with comments.</summary>
internal static class AgeKeyFiles
{
    /// <summary>The identities of all files (age -i).</summary>
    /// <exception cref="StasisException">One can't be read, others than its owner may read it, or it holds something else.</exception>
    public static IReadOnlyList<AgeIdentity> ReadIdentities(IEnumerable<string> files) => [.. files.SelectMany(ReadIdentities)];

    /// <summary>What --encrypt is given: recipients, or files of them (age -r, age -R). What looks like a recipient is never taken for a file.</summary>
    /// <exception cref="StasisException">One is neither.</exception>
    public static IReadOnlyList<AgeRecipient> ReadRecipients(IEnumerable<string> given) =>
        [.. given.SelectMany(text => !text.StartsWith(AgeRecipient.Start, StringComparison.Ordinal) && File.Exists(text) ? ReadRecipientFile(text) : [AgeRecipient.Parse(text)])];

    private static List<AgeIdentity> ReadIdentities(string file)
    {
        var identities = new List<AgeIdentity>();
        var content = KeyFile.ReadSecret(file, "identity file");
        if (content.StartsWith(AgeHeader.Version, StringComparison.Ordinal) || content.StartsWith("-----BEGIN AGE", StringComparison.Ordinal))
            throw new StasisException($"identity file {file}: it is encrypted itself") { Remedy = $"decrypt it into a pipe: --identity <(age -d {file})" };
        foreach (var (number, line) in KeyFile.Lines(content))
        {
            if (AgeIdentity.TryParse(line) is { } identity)
                identities.Add(identity);
            else // the line isn't shown: it may be a secret that was mistyped
                throw new StasisException($"identity file {file}: line {number} is not an age identity (AGE-SECRET-KEY-1…)")
                {
                    Remedy = "age-keygen makes identities; what is encrypted to others, age decrypts: age -d -i IDENTITY FILE | stasis container restore --import -",
                };
        }
        return identities.Count > 0 ? identities : throw new StasisException($"identity file {file}: it holds none") { Remedy = $"age-keygen -o FILE makes one" };
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
