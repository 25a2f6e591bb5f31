using System.Collections;
using Stasis.Engine.Errors;
using Stasis.Engine.Images;

namespace Stasis.Engine.Containers.Create;

/// <summary>
/// Environment variables of a process (podman pkg/env): defaults, then the image's, then those of files, then single ones. Later
/// values replace earlier ones.
/// </summary>
internal static class CreateEnvironment
{
    private const string DefaultPath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

    /// <summary>Builds the environment of the first process.</summary>
    /// <exception cref="StasisException">A file can't be read, or a variable has no name.</exception>
    public static IReadOnlyList<string> Build(CreateOptions options, Image image, string hostname)
    {
        // Programs such as systemd check whether "container" is set, not its value.
        var variables = new OrderedDictionary<string, string> { ["PATH"] = DefaultPath, ["container"] = "stasis" };
        if (options.Tty)
            variables["TERM"] = "xterm";
        foreach (var variable in image.Config.Env ?? [])
            Set(variables, variable);
        foreach (var file in options.EnvFiles)
            ReadFile(variables, file);
        foreach (var variable in options.Env)
            Set(variables, variable);
        variables.TryAdd("HOSTNAME", hostname);
        return [.. variables.Select(variable => $"{variable.Key}={variable.Value}")];
    }

    /// <summary>Adds variables, KEY=VALUE, to an environment. They replace those of the same name.</summary>
    public static IReadOnlyList<string> Add(IReadOnlyList<string> environment, IReadOnlyList<string> more)
    {
        var variables = new OrderedDictionary<string, string>();
        foreach (var variable in environment.Concat(more))
            Set(variables, variable);
        return [.. variables.Select(variable => $"{variable.Key}={variable.Value}")];
    }

    // Values have no quotes, no escapes and no comments.
    private static void ReadFile(OrderedDictionary<string, string> variables, string path)
    {
        try
        {
            foreach (var line in File.ReadLines(path).Select(line => line.TrimStart(' ', '\t')))
            {
                if (line.Length > 0 && line[0] != '#')
                    Set(variables, line);
            }
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException or StasisException)
        {
            throw new StasisException($"parsing file \"{path}\": {FileErrorText.Why(failure)}", failure);
        }
    }

    // KEY without a value takes the caller's value, if there is one. KEY* takes all of the caller's variables with that prefix.
    private static void Set(OrderedDictionary<string, string> variables, string text)
    {
        var at = text.IndexOf('=');
        if (at == 0 || text.Length == 0)
            throw new StasisException($"invalid variable: \"{text}\"");
        if (at > 0)
            variables[text[..at].TrimStart(' ', '\t')] = text[(at + 1)..];
        else if (text.EndsWith('*'))
            SetWithPrefix(variables, text[..^1]);
        else if (Environment.GetEnvironmentVariable(text) is { } own)
            variables[text] = own;
    }

    private static void SetWithPrefix(OrderedDictionary<string, string> variables, string prefix)
    {
        foreach (var variable in Environment.GetEnvironmentVariables().Cast<DictionaryEntry>())
        {
            if (((string)variable.Key).StartsWith(prefix, StringComparison.Ordinal))
                variables[(string)variable.Key] = (string)variable.Value!;
        }
    }
}
