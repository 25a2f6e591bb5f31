using System.Collections;
using Stasis.Engine.Errors;
using Stasis.Engine.Images;

namespace Stasis.Engine.Containers.Create;

/// <summary>Environment variables (podman pkg/env): defaults, the image's, those of files, those given one by one; the later win.</summary>
internal static class CreateEnvironment
{
    private const string DefaultPath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

    public static IReadOnlyList<string> Build(CreateOptions options, Image image, string hostname)
    {
        // Programs look whether "container" is set, not to what; systemd does so too.
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

    /// <summary>Adds KEY=VALUE lists on top of an environment.</summary>
    public static IReadOnlyList<string> Add(IReadOnlyList<string> environment, IReadOnlyList<string> more)
    {
        var variables = new OrderedDictionary<string, string>();
        foreach (var variable in environment.Concat(more))
            Set(variables, variable);
        return [.. variables.Select(variable => $"{variable.Key}={variable.Value}")];
    }

    // A line is taken as it is: no quotes, no escapes, no comment after a value.
    private static void ReadFile(OrderedDictionary<string, string> variables, string path)
    {
        try
        {
            foreach (var line in File.ReadLines(path).Select(line => line.TrimStart(' ', '\t')).Where(line => line.Length > 0 && line[0] != '#'))
                Set(variables, line);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException or StasisException)
        {
            throw new StasisException($"parsing file \"{path}\": {FileFailure.Why(failure)}", failure);
        }
    }

    // A bare KEY takes the caller's value, if there is one; a bare KEY* those of all that begin so.
    private static void Set(OrderedDictionary<string, string> variables, string text)
    {
        var at = text.IndexOf('=');
        if (at == 0 || text.Length == 0)
            throw new StasisException($"invalid variable: \"{text}\"");
        if (at > 0)
            variables[text[..at].TrimStart(' ', '\t')] = text[(at + 1)..];
        else if (text.EndsWith('*'))
            foreach (var (key, value) in Environment.GetEnvironmentVariables().Cast<DictionaryEntry>()
                .Select(variable => ((string)variable.Key, (string)variable.Value!)).Where(variable => variable.Item1.StartsWith(text[..^1], StringComparison.Ordinal)))
                variables[key] = value;
        else if (Environment.GetEnvironmentVariable(text) is { } own)
            variables[text] = own;
    }
}
