using System.Globalization;
using System.Reflection;
using System.Text;
using Stasis.Engine.Errors;
using Stasis.Engine.Logging;
using Stasis.Engine.Storage;
using Stasis.Linux;
using Stasis.Linux.Files;
using Stasis.Linux.Processes;

namespace Stasis.Engine;

/// <summary>
/// The <c>stasis</c> command that the engine has run in processes of their own: conmon runs it when a container ends,
/// it supplies lazy memory, and it thaws containers of a process that was killed during a checkpoint.
/// </summary>
internal sealed class InstalledCommand(EngineOptions options, Layout layout, EngineLog log)
{
    private const string Variable = "STASIS_COMMAND";
    private const string Name = "stasis";

    private const string Remedy = "install stasis, in the library's version, in /usr/bin, in /usr/local/bin or on PATH, "
        + "or name it with EngineOptions.CommandPath or $STASIS_COMMAND";

    // Where packages and eng/install.sh put it. PATH comes last.
    private static readonly string[] Places = ["/usr/bin/stasis", "/usr/local/bin/stasis", Name];
    private static readonly TimeSpan TimeLimit = TimeSpan.FromSeconds(10);

    private bool _isProven;

    /// <summary>
    /// Full path: <see cref="EngineOptions.CommandPath"/>, else $STASIS_COMMAND, else /usr/bin, /usr/local/bin and PATH
    /// are searched.
    /// </summary>
    /// <exception cref="MissingProgramException">There is no such program.</exception>
    public string Path => field ??= Find();

    /// <summary>Program and arguments of the command <paramref name="arguments"/> on the engine's root.</summary>
    public IReadOnlyList<string> Line(params ReadOnlySpan<string> arguments) =>
        [Path, "--root", layout.Root, "--runroot", layout.RunRoot, .. arguments];

    /// <summary>
    /// Requires that the program is the <c>stasis</c> of this library's version. The program is run once (<c>stasis
    /// version</c>); the answer is kept under the run root, beside device, inode, size and time of change of the file
    /// that gave it.
    /// </summary>
    /// <exception cref="MissingProgramException">There is no such program, or the program is another one.</exception>
    public async Task RequireInstalledAsync(CancellationToken cancellationToken)
    {
        if (_isProven)
            return;
        if (!IsThisProgram(Path))
            await ProveAsync(cancellationToken);
        _isProven = true;
    }

    private async Task ProveAsync(CancellationToken cancellationToken)
    {
        var wanted = $"stasis version {typeof(InstalledCommand).Assembly.GetName().Version!.ToString(3)}";
        var proof = $"{Identify(Path)}\n{wanted}";
        if (File.Exists(layout.CommandProof) && await File.ReadAllTextAsync(layout.CommandProof, cancellationToken) == proof)
            return;
        var answer = await AskAsync(Path, cancellationToken);
        if (answer != wanted)
        {
            throw new MissingProgramException(Path, $"{Path}: `{Path} version` printed \"{answer}\" where \"{wanted}\" was expected")
            {
                Remedy = Remedy,
            };
        }
        PrivateDirectory.Create(layout.RunRoot);
        AtomicFile.Write(layout.CommandProof, Encoding.UTF8.GetBytes(proof), durable: false);
    }

    private string Find()
    {
        var given = options.CommandPath ?? (Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } value ? value : null);
        if (given is not null)
        {
            var path = ExecutablePath.Find(given)
                ?? throw new MissingProgramException(given, $"the command {given}: not found, or not executable")
                {
                    Remedy = Remedy,
                };
            return System.IO.Path.GetFullPath(path);
        }
        var found = Places.Select(place => ExecutablePath.Find(place)).FirstOrDefault(path => path is not null)
            ?? throw new MissingProgramException(
                Name, "stasis, which runs when a container ends and supplies lazy memory, is not installed")
            { Remedy = Remedy };
        return System.IO.Path.GetFullPath(found);
    }

    // A program that embeds the library and names itself must not be run: it might open an engine, and so start itself again and again.
    private static bool IsThisProgram(string path)
    {
        if (path == Environment.ProcessPath && Assembly.GetEntryAssembly()?.GetName().Name == Name)
            return true;
        using var self = File.OpenHandle("/proc/self/exe");
        if (Identify(path) != Identify(FileStatus.Read(self)))
            return false;
        throw new MissingProgramException(path, $"{path} is the running program, not the command stasis") { Remedy = Remedy };
    }

    private static string Identify(string path) =>
        Identify(FileStatus.Read(new FileInfo(path).ResolveLinkTarget(returnFinalTarget: true)?.FullName ?? path));

    private static string Identify(in FileStatus program) => string.Create(CultureInfo.InvariantCulture,
        $"{program.ContainingDevice} {program.Inode} {program.Size} {program.ChangedSeconds}.{program.ChangedNanoseconds}");

    private async Task<string> AskAsync(string path, CancellationToken cancellationToken)
    {
        try
        {
            var program = new SpawnOptions { Program = path, Arguments = ["version"], WorkingDirectory = "/" };
            var result = await log.Programs.RunAsync(program, TimeLimit, cancellationToken);
            return result.Output.Split('\n')[0];
        }
        catch (Exception e) when (e is LinuxException or TimeoutException)
        {
            throw new MissingProgramException(path, $"{path} version: {e.Message}", e) { Remedy = Remedy };
        }
    }
}
