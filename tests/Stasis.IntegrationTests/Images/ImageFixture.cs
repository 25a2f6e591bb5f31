using Stasis.Engine;
using Stasis.Engine.Formats.Tar;
using Stasis.Engine.Images;
using Stasis.Linux.Files;
using Stasis.Linux.Processes;
using Xunit;

namespace Stasis.IntegrationTests.Images;

/// <summary>An engine on a root of its own. Disposed, it checks that nothing half-made is left.</summary>
internal sealed class ImageFixture : IDisposable
{
    public ImageFixture()
    {
        Home = Directory.CreateDirectory($"/var/tmp/stasis-test-{Guid.NewGuid():N}").FullName;
        Engine = new StasisEngine(new EngineOptions { Root = Path.Combine(Home, "root"), RunRoot = Path.Combine(Home, "run") });
    }

    public static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public string Home { get; }

    public StasisEngine Engine { get; }

    public ImageManager Images => Engine.Images;

    public string InHome(string name) => Path.Combine(Home, name);

    /// <summary>Folders of unpacked layers.</summary>
    public string[] Layers => Directory.Exists(Engine.Layout.Layers) ? Directory.GetDirectories(Engine.Layout.Layers) : [];

    public string[] Staged => Directory.Exists(Engine.Layout.Staging) ? Directory.GetFileSystemEntries(Engine.Layout.Staging) : [];

    /// <summary>A tar of one file.</summary>
    public string MakeTar(string name, string content = "content")
    {
        using (var file = File.Create(InHome(name)))
            file.Write(OneFile(name, content));
        return InHome(name);
    }

    /// <summary>A layer of one file.</summary>
    public static byte[] OneFile(string name, string content)
    {
        using var tar = new MemoryStream();
        var writer = new TarWriter(tar);
        var bytes = System.Text.Encoding.UTF8.GetBytes(content);
        writer.WriteEntry(TarEntry.OfFile(name, bytes.Length, 0x1A4), bytes);
        writer.Finish();
        return tar.ToArray();
    }

    /// <summary>Runs a program, which must succeed; gives its output.</summary>
    public static async Task<string> RunAsync(string program, params string[] arguments)
    {
        var result = await Spawn.RunAsync(new SpawnOptions { Program = program, Arguments = arguments }, Eventually.HangGuard,
            Cancellation);
        Assert.True(result.ExitCode == 0, $"{program} {string.Join(' ', arguments)}: {result.Error}");
        return result.Output;
    }

    /// <summary>Runs the command as a process of its own on this root.</summary>
    public async Task<ProgramResult> CommandAsync(string[] arguments, params string[] environment)
    {
        var names = environment.Select(variable => variable[..(variable.IndexOf('=') + 1)]).ToList();
        string[] inherited =
        [
            .. from System.Collections.DictionaryEntry e in Environment.GetEnvironmentVariables() select $"{e.Key}={e.Value}"
        ];
        return await Spawn.RunAsync(new SpawnOptions
        {
            Program = TestEngine.Command,
            Arguments = ["--root", Engine.Layout.Root, "--runroot", Engine.Layout.RunRoot, .. arguments],
            Environment =
            [
                .. inherited.Where(variable => !names.Any(name => variable.StartsWith(name, StringComparison.Ordinal))), .. environment
            ],
        }, Eventually.HangGuard, Cancellation);
    }

    public void Dispose()
    {
        Engine.Dispose();
        var staged = Staged;
        FileTree.Remove(Home);
        Assert.Empty(staged);
    }
}
