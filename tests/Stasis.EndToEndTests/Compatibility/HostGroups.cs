namespace Stasis.EndToEndTests.Compatibility;

/// <summary>The hosts of each runtime, made when first asked for.</summary>
public sealed class HostGroups : IAsyncDisposable
{
    private LocalHostGroup? _runc;
    private PeerHostGroup? _crun;

    public async Task<HostGroup> GetAsync(string runtime) =>
        runtime == "runc" ? _runc ??= new LocalHostGroup() : _crun ??= await PeerHostGroup.CreateAsync();

    public async ValueTask DisposeAsync()
    {
        if (_runc is not null)
            await _runc.DisposeAsync();
        if (_crun is not null)
            await _crun.DisposeAsync();
    }
}
