using System.Text;
using System.Text.RegularExpressions;
using Stasis.Engine.Errors;
using Stasis.Engine.Images.Registry;
using Stasis.Engine.Logging;
using Stasis.Engine.Storage;
using Stasis.Linux;
using Stasis.Linux.Files;
using Stasis.Linux.Processes;

namespace Stasis.Engine.Images;

/// <summary>
/// Runs skopeo. It brings registries.conf, auth files, every transport, and the host's signature policy
/// (containers-policy.json(5)); on a host that has none, images are accepted without a signature, as the policy that
/// distributions ship says.
/// </summary>
internal static partial class Skopeo
{
    private static readonly TimeSpan ProgressInterval = TimeSpan.FromMilliseconds(200);

    private static ReadOnlySpan<byte> DefaultPolicy => """{"default":[{"type":"insecureAcceptAnything"}]}"""u8;

    /// <summary>
    /// Copies an image into a new folder in <paramref name="staging"/>, in the form of skopeo's dir: transport: unlike
    /// oci: it leaves manifest, configuration and layers as they are, and with them the image's ID.
    /// </summary>
    /// <exception cref="StasisException">skopeo is missing, or failed; the message is its own.</exception>
    public static async Task<SkopeoDirImage> CopyAsync(
        ImageSource source,
        StagingFolder staging,
        string folder,
        RegistryOptions registry,
        IProgress<ImageProgress>? progress,
        EngineLog log,
        CancellationToken cancellation)
    {
        var target = staging.PathOf(folder);
        string[] arguments = [.. Policy(staging), "copy", "--quiet", .. registry.GetArguments("src-"), source.Reference, $"dir:{target}"];
        var running = RunAsync($"fetching {source.DisplayName}", staging, arguments, log, cancellation);
        while (progress is not null && await Task.WhenAny(running, Task.Delay(ProgressInterval, CancellationToken.None)) != running)
            progress.Report(new ImageProgress($"copying {source.DisplayName}", SizeOf(target), null));
        await running;
        return SkopeoDirImage.Read(target, source.DisplayName);
    }

    /// <summary>Reads an image's manifest, or what is in its place.</summary>
    /// <exception cref="StasisException">skopeo is missing, or failed; the message is its own.</exception>
    public static async Task<byte[]> ReadManifestAsync(
        ImageSource source, StagingFolder staging, RegistryOptions registry, EngineLog log, CancellationToken cancellation)
    {
        string[] arguments = [.. Policy(staging), "inspect", "--raw", .. registry.GetArguments(""), source.Reference];
        var result = await RunAsync($"fetching {source.DisplayName}", staging, arguments, log, cancellation);
        return Encoding.UTF8.GetBytes(result.Output);
    }

    /// <summary>
    /// Copies an image that lies in a folder as <see cref="CopyAsync"/> leaves one to where <paramref name="target"/>,
    /// a transport with details, says.
    /// </summary>
    /// <exception cref="StasisException">skopeo is missing, or failed; the message is its own.</exception>
    public static Task WriteAsync(
        string title, string folder, string target, StagingFolder staging, EngineLog log, CancellationToken cancellation) =>
        RunAsync($"fetching {title}", staging, [.. Policy(staging), "copy", "--quiet", $"dir:{folder}", target], log, cancellation);

    /// <summary>
    /// Copies an image that lies in a folder as <see cref="CopyAsync"/> leaves one to a registry or another transport. Returns the digest
    /// of the manifest there.
    /// </summary>
    /// <exception cref="StasisException">skopeo is missing, or failed; the message is its own.</exception>
    public static async Task<string> PushAsync(
        ImageDestination target,
        string folder,
        bool isSeekable,
        RegistryOptions registry,
        StagingFolder staging,
        EngineLog log,
        CancellationToken cancellation)
    {
        var digest = staging.PathOf("digest");
        // Of a layer in other frames, the manifest wouldn't have the digests.
        string[] unchanged = isSeekable ? ["--preserve-digests"] : [];
        string[] copy = ["copy", "--quiet", "--digestfile", digest, .. registry.GetArguments("dest-"), .. unchanged];
        await RunAsync(
            $"pushing to {target.DisplayName}",
            staging,
            [.. Policy(staging), .. copy, $"dir:{folder}", target.Reference],
            log,
            cancellation);
        return (await File.ReadAllTextAsync(digest, cancellation)).Trim();
    }

    private static async Task<ProgramResult> RunAsync(
        string title, StagingFolder staging, IReadOnlyList<string> arguments, EngineLog log, CancellationToken cancellation)
    {
        ProgramResult result;
        try
        {
            var skopeo = new SpawnOptions { Program = "skopeo", Arguments = ["--tmpdir", staging.Path, .. arguments] };
            result = await log.Programs.RunAsync(skopeo, null, cancellation);
        }
        catch (LinuxException e) when (e.Errno == Errno.ENOENT)
        {
            throw new MissingProgramException("skopeo", $"{title}: skopeo, which copies images, is not installed or not on PATH", e)
            {
                Remedy = "install it: apt-get install skopeo",
            };
        }
        if (result.ExitCode != 0)
            throw new StasisException($"{title}: skopeo: {Message(result)}") { Remedy = Remedy(result.Error, staging.Path) };
        return result;
    }

    // skopeo looks into the user's policy first, and refuses to work without any.
    private static string[] Policy(StagingFolder staging)
    {
        if (SignaturePolicyFile.Find() is not null)
            return [];
        var policy = staging.PathOf("policy.json");
        AtomicFile.Write(policy, DefaultPolicy);
        return ["--policy", policy];
    }

    private static long SizeOf(string folder)
    {
        try
        {
            return Directory.Exists(folder) ? new DirectoryInfo(folder).EnumerateFiles().Sum(file => file.Exists ? file.Length : 0) : 0;
        }
        catch (IOException)
        {
            return 0; // renamed under our eyes: the next look tells
        }
    }

    /// <summary>The text of skopeo's error: of logrus' line <c>time="…" level=fatal msg="…"</c> the message.</summary>
    internal static string Message(ProgramResult result)
    {
        if (FatalLine().Matches(result.Error) is [.., var last])
            return Regex.Unescape(last.Groups["message"].Value);
        var text = result.Error.Trim();
        return text.Length > 0 ? text : $"ended with exit code {result.ExitCode}";
    }

    /// <summary>What can be done about an error of skopeo's, by its words.</summary>
    internal static Remedy? Remedy(string error, string staging)
    {
        var load = new RemedyCall(RemedyCallKind.LoadImages, "FILE");
        var import = new RemedyCall(RemedyCallKind.ImportImage, "ROOTFS.tar", "NAME");
        return Says("no such host", "dial tcp", "i/o timeout", "network is unreachable", "TLS handshake")
            ? Errors.Remedy.Create(
                $"the registry can't be reached: see to the network, or bring the image here in a file ({load}, or {import})")
            : Says("unauthorized", "authentication required", "denied")
            ? "check the name; log in to the registry if the image is private"
            : Says("server gave HTTP response to HTTPS client")
            ? "the registry speaks plain HTTP: use --tls-verify=false, or name it in registries.conf as insecure"
            : Says("manifest unknown", "name unknown", "not found", "no such file or directory") ? "check name and tag"
            : Says("Source image rejected") ? "the signature policy decides that: /etc/containers/policy.json"
            : Says("no space left on device") ? FileErrorText.MakeRoom(staging)
            : null;

        bool Says(params string[] words) => words.Any(word => error.Contains(word, StringComparison.OrdinalIgnoreCase));
    }

    [GeneratedRegex("level=fatal msg=\"(?<message>(?:[^\"\\\\]|\\\\.)*)\"")]
    private static partial Regex FatalLine();
}
