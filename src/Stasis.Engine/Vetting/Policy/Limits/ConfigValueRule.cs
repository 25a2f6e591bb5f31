using System.Globalization;
using Stasis.Engine.Vetting.Findings;

namespace Stasis.Engine.Vetting.Policy.Limits;

/// <summary>Finds values of config.dump that no container can have: a command on the restored container would fail on them.</summary>
internal static class ConfigValueRule
{
    public static readonly RuleDescriptor Rule = new()
    {
        Id = "value",
        Finds = "signals beyond 64, sizes of `/dev/shm` below zero or beyond 1 PiB, what is no umask, no user and no restart policy",
    };

    private const uint LastSignal = 64; // SIGRTMAX
    private const long MaxShm = 1L << 50;
    private const int MaxUserLength = 256;
    private static readonly string[] RestartPolicies = ["", "no", "always", "on-failure", "unless-stopped"];

    public static IEnumerable<Finding> Check(VettingSubject subject)
    {
        var config = subject.Config;
        (string Field, string? Value, string? Why)[] values =
        [
            ("stopSignal", Text(config.StopSignal), config.StopSignal is 0 or > LastSignal ? "it is no signal" : null),
            ("shmSize", Text(config.ShmSize), config.ShmSize is < 0 or > MaxShm ? "it is no size that /dev/shm can have" : null),
            ("umask", config.Umask, config.Umask is { Length: > 0 } umask && !IsUmask(umask) ? "it is no umask" : null),
            ("user", config.User, config.User is { Length: > 0 } user && !IsUser(user) ? "it isn't USER[:GROUP]" : null),
            ("restart_policy", config.RestartPolicy,
                RestartPolicies.Contains(config.RestartPolicy ?? "") ? null : "it is no restart policy"),
        ];
        return from value in values
               where value.Why is not null
               select FindingFactory.Never(Rule, $"config.dump: {value.Field}", value.Value ?? "", value.Why!);
    }

    private static bool IsUmask(string text) => text.Length <= 4 && text.All(c => c is >= '0' and <= '7');

    private static bool IsUser(string text) => text.Length <= MaxUserLength && text.Split(':').Length <= 2
        && !text.Any(c => char.IsControl(c) || char.IsWhiteSpace(c));

    private static string? Text(IFormattable? number) => number?.ToString(null, CultureInfo.InvariantCulture);
}

internal static partial class LimitCheckList
{
    internal static readonly PolicyCheck Value = Add(new(295, ConfigValueRule.Check, ConfigValueRule.Rule));
}
