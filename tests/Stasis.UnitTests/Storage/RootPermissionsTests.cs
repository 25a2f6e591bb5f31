using Stasis.Engine;
using Stasis.Linux.Files;
using Xunit;

namespace Stasis.UnitTests.Storage;

public sealed class RootPermissionsTests : IDisposable
{
    private const UnixFileMode Open = PrivateDirectory.Mode | UnixFileMode.OtherRead | UnixFileMode.OtherExecute;

    private readonly TempDirectory _temp = new();
    private readonly List<string> _warnings = [];

    [Fact]
    public void Roots_that_others_may_enter_are_made_private_when_an_engine_is_opened()
    {
        foreach (var folder in (string[])[_temp.Layout.Root, _temp.Layout.Volumes, _temp.Layout.RunRoot, _temp.Layout.Locks])
            Directory.CreateDirectory(folder, Open);
        File.WriteAllText(_temp.Layout.Database, "");

        OpenEngine();

        foreach (var folder in (string[])[_temp.Layout.Root, _temp.Layout.Volumes, _temp.Layout.RunRoot, _temp.Layout.Locks])
            Assert.Equal(PrivateDirectory.Mode, File.GetUnixFileMode(folder));
        Assert.Empty(_warnings);
    }

    [Fact]
    public void A_link_in_a_root_is_not_followed()
    {
        Directory.CreateDirectory(_temp.Layout.Root, Open);
        Directory.CreateDirectory(_temp.PathOf("elsewhere"), Open);
        File.CreateSymbolicLink(_temp.Layout.Volumes, _temp.PathOf("elsewhere"));

        OpenEngine();

        Assert.Equal(Open, File.GetUnixFileMode(_temp.PathOf("elsewhere")));
        Assert.Equal(PrivateDirectory.Mode, File.GetUnixFileMode(_temp.Layout.Root));
    }

    [Fact]
    public void A_folder_that_is_not_only_Stasis_s_keeps_its_mode_and_is_warned_about()
    {
        Directory.CreateDirectory(_temp.Layout.RunRoot, Open);
        Directory.CreateDirectory(Path.Combine(_temp.Layout.RunRoot, "systemd"), Open);
        Directory.CreateDirectory(_temp.Layout.Locks, Open);

        OpenEngine();

        Assert.Equal(Open, File.GetUnixFileMode(_temp.Layout.RunRoot));
        Assert.Equal(Open, File.GetUnixFileMode(_temp.Layout.Locks));
        var warning = Assert.Single(_warnings);
        Assert.StartsWith($"{_temp.Layout.RunRoot}: ", warning, StringComparison.Ordinal);
        Assert.Contains("systemd", warning, StringComparison.Ordinal);
    }

    private void OpenEngine() => new StasisEngine(new EngineOptions
    {
        Root = _temp.Layout.Root,
        RunRoot = _temp.Layout.RunRoot,
        Warn = _warnings.Add,
    }).Dispose();

    public void Dispose() => _temp.Dispose();
}
