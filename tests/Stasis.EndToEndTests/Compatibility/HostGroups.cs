namespace Stasis.EndToEndTests.Compatibility;

/// <summary>The hosts of each kind, made when first asked for.</summary>
public sealed class HostGroups : IAsyncDisposable
{
    /// <summary>runc and crun where cgroup2 alone is mounted.</summary>
    public const string RuncOnCgroup2 = "runc, cgroup2", CrunOnCgroup2 = "crun, cgroup2";

    private readonly Dictionary<string, HostGroup> _groups = [];

    public async Task<HostGroup> GetAsync(string kind)
    {
        if (!_groups.TryGetValue(kind, out var group))
        {
            group = kind.StartsWith("runc", StringComparison.Ordinal) ? new LocalHostGroup() : await PeerHostGroup.CreateAsync();
            _groups.Add(kind, group);
            if (kind is RuncOnCgroup2 or CrunOnCgroup2)
                await group.ShowOnlyCgroup2Async();
        }
        return group;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var group in _groups.Values)
            await group.DisposeAsync();
    }
}
