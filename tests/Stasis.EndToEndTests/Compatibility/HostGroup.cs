using Stasis.EndToEndTests.Harness;
using Stasis.EndToEndTests.Interop;
using Stasis.Linux.Processes;
using Xunit;

namespace Stasis.EndToEndTests.Compatibility;

/// <summary>
/// Three hosts, each a stranger to the others, that have the same runtime and share a network namespace: a connection to a container can
/// follow it from one to the next.
/// </summary>
public abstract class HostGroup : IAsyncDisposable
{
    private readonly HashSet<string> _images = [];
    private Cgroup2View? _view;

    /// <summary>How many hosts there are: an archive from the first is restored on the second, and one from there on the third.</summary>
    protected const int Size = 3;

    /// <summary>Whence containers are reached.</summary>
    public abstract StasisHost Client { get; }

    /// <summary>The hosts.</summary>
    public abstract IReadOnlyList<Side> Hosts { get; }

    /// <summary>A folder that all of them see under one path.</summary>
    public abstract string Folder { get; }

    /// <summary>Imports an image where it isn't yet.</summary>
    public async Task RequireImageAsync(string name, IReadOnlyList<string> libraries)
    {
        if (!_images.Add(name))
            return;
        var tar = await TestImages.UnpackedAsync(name, [.. libraries]);
        for (var i = 0; i < Size; i++)
        {
            var result = await Spawn.RunAsync(Import(i, tar, name), StasisHost.TimeLimit, TestContext.Current.CancellationToken);
            Assert.True(result.ExitCode == 0, result.Error);
        }
    }

    /// <summary>From now on, the hosts see cgroup2 alone.</summary>
    public async Task ShowOnlyCgroup2Async() => _view = await Cgroup2View.CreateAsync(OnHost);

    /// <summary>The options that the hosts can obey: where v1 has the memory controller, cgroup2 hasn't.</summary>
    public IEnumerable<string> Select(IEnumerable<string> options)
    {
        var isValue = false;
        foreach (var option in options)
        {
            var isMemory = _view is not null && option == "--memory";
            if (!isMemory && !isValue)
                yield return option;
            isValue = isMemory;
        }
    }

    /// <summary>Changes an archive of one of the hosts to what a real host of the kind would have made.</summary>
    public void Complete(string archive)
    {
        if (_view is not null)
            Cgroup2View.RemoveLegacyHierarchies(archive);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var host in Hosts)
            await host.OkAsync("rm", "-f", "-a", "-t", "0");
        _view?.Dispose();
        _view = null;
        await DisposeHostsAsync();
        GC.SuppressFinalize(this);
    }

    /// <summary>What comes before a command, so that it sees what the hosts see.</summary>
    protected IReadOnlyList<string> Prefix => _view?.Prefix ?? [];

    /// <summary>A command on the hosts' machine.</summary>
    protected abstract SpawnOptions OnHost(string[] command);

    /// <summary>Removes the hosts, which have no container any more.</summary>
    protected abstract ValueTask DisposeHostsAsync();

    /// <summary>The command that imports an image on a host.</summary>
    protected abstract SpawnOptions Import(int host, string tar, string name);
}
