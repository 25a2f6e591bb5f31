using System.Globalization;
using System.Text.RegularExpressions;
using Stasis.Cli.Output;
using Stasis.Engine.Containers;

namespace Stasis.Cli;

/// <summary>A <c>ps --filter KEY=VALUE</c>. Filters with one key are alternatives, those with different keys must all hold, as in Podman.</summary>
internal sealed record ContainerFilter(string Key, string Value, Func<Container, bool> Matches)
{
    public bool NamesState => Key is "status" or "exited";

    public static ContainerFilter Parse(string text)
    {
        if (text.Split('=', 2) is not [var key, var value])
            throw new UsageException($"invalid filter \"{text}\": it must be KEY=VALUE");
        return new ContainerFilter(key, value, Predicate(key, value));
    }

    private static Func<Container, bool> Predicate(string key, string value)
    {
        switch (key)
        {
            case "id":
                return container => container.Id.StartsWith(value, StringComparison.Ordinal);
            case "name":
                var pattern = Pattern(value);
                return container => pattern.IsMatch(container.Name);
            case "label":
                var pair = value.Split('=', 2);
                return container => container.Config.Labels?.TryGetValue(pair[0], out var label) == true && (pair.Length < 2 || label == pair[1]);
            case "status":
                return Enum.GetNames<ContainerStatus>().Contains(value, StringComparer.OrdinalIgnoreCase) || value == "stopped"
                    ? container => ContainerRow.StateOf(container) == (value == "stopped" ? "exited" : value.ToLowerInvariant())
                    : throw new UsageException($"invalid filter status={value}: it must be one of created, running, paused, exited, removing");
            case "exited":
                var code = int.TryParse(value, CultureInfo.InvariantCulture, out var number) ? number : throw new UsageException($"invalid filter exited={value}: it must be an exit code");
                return container => container.State.Status == ContainerStatus.Exited && container.State.ExitCode == code;
            default:
                throw new UsageException($"invalid filter \"{key}\": it must be one of id, name, label, status, exited");
        }
    }

    private static Regex Pattern(string value)
    {
        try
        {
            return new Regex(value, RegexOptions.CultureInvariant | RegexOptions.NonBacktracking);
        }
        catch (Exception exception) when (exception is ArgumentException or NotSupportedException)
        {
            throw new UsageException($"invalid filter name={value}: it must be a regular expression");
        }
    }
}
