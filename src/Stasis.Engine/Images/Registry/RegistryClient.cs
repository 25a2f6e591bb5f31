using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using System.Text.RegularExpressions;
using Stasis.Engine.Common;
using Stasis.Engine.Errors;
using Stasis.Linux.Network;

namespace Stasis.Engine.Images.Registry;

/// <summary>
/// Reads manifests and parts of blobs from a repository of a registry (OCI distribution spec). Safe for use by several threads at once.
/// </summary>
internal sealed partial class RegistryClient : IDisposable
{
    private const int LongestManifest = 4 << 20, LongestPart = 64 << 20;

    // A token may have expired by the time that it is used, on a busy host.
    private const int Renewals = 3;

    private static readonly string[] ManifestTypes =
        ["application/vnd.oci.image.manifest.v1+json", "application/vnd.docker.distribution.manifest.v2+json"];

    private readonly string _repository;
    private readonly string? _authFile;
    private readonly bool _isInsecure;
    private readonly HttpClient _http;
    private readonly Lock _lock = new();
    private Uri? _base;
    private volatile AuthenticationHeaderValue? _authorization;

    private RegistryClient(string repository, string? authFile, bool isInsecure)
    {
        (_repository, _authFile, _isInsecure) = (repository, authFile, isInsecure);
        // Credentials aren't sent on to where a registry redirects, which is elsewhere.
        var handler = new SocketsHttpHandler { ConnectTimeout = TimeSpan.FromSeconds(10), MaxAutomaticRedirections = 5 };
#pragma warning disable CA5359 // asked for, by --tls-verify=false or "insecure" in registries.conf
        if (isInsecure)
            handler.SslOptions.RemoteCertificateValidationCallback = static (_, _, _, _) => true;
#pragma warning restore CA5359
        else
            handler.SslOptions.CertificateChainPolicy = RegistryCertificates.FindPolicy(Host);
        _http = new HttpClient(handler) { Timeout = TimeSpan.FromSeconds(60), MaxResponseContentBufferSize = LongestPart };
        _http.DefaultRequestHeaders.UserAgent.ParseAdd("stasis");
    }

    private string Host => _repository.Split('/')[0];

    private string Path => _repository[(Host.Length + 1)..];

    /// <summary>Of a repository; null if this host's settings say that it is to be reached in another way, which skopeo knows.</summary>
    /// <param name="repository">Registry and path.</param>
    /// <param name="options">How the registry is spoken to.</param>
    /// <exception cref="StasisException">A file of settings isn't what it should be.</exception>
    public static RegistryClient? TryCreate(string repository, RegistryOptions options)
    {
        var entry = RegistriesFile.ReadAll().Reverse().Where(entry => entry.Match(repository) > 0).MaxBy(entry => entry.Match(repository));
        var isInsecure = !(options.VerifyTls ?? entry?.Insecure != true);
        return entry is { IsDirect: false } || RegistryCertificates.HasClientKey(repository.Split('/')[0])
            || !(isInsecure || TlsLibrary.IsInstalled)
            ? null : new RegistryClient(repository, options.AuthFile, isInsecure);
    }

    /// <summary>Reads a manifest.</summary>
    /// <param name="digest">Its digest.</param>
    /// <exception cref="HttpRequestException">The registry can't be reached, or doesn't give it.</exception>
    /// <exception cref="InvalidDataException">It isn't what the digest says.</exception>
    public byte[] ReadManifest(string digest)
    {
        var types = string.Join(',', ManifestTypes);
        using var answer = Get($"manifests/{digest}", request => request.Headers.Accept.ParseAdd(types), CancellationToken.None);
        using var stream = answer.Content.ReadAsStream();
        if (stream.Length > LongestManifest)
            throw new InvalidDataException($"{Host}: manifest {digest} is longer than {LongestManifest} bytes");
        var content = new byte[stream.Length];
        stream.ReadExactly(content);
        return Digests.Compute(content) is var found && found == digest
            ? content : throw new InvalidDataException($"{Host}: manifest {digest} has the digest {found}");
    }

    /// <summary>Reads a part of a blob, which the caller verifies.</summary>
    /// <param name="digest">The blob's digest.</param>
    /// <param name="length">The blob's length.</param>
    /// <param name="offset">Where the part begins.</param>
    /// <param name="target">Is filled.</param>
    /// <param name="cancellation">Ends waiting.</param>
    /// <exception cref="HttpRequestException">The registry can't be reached, or doesn't give it.</exception>
    /// <exception cref="IOException">The connection broke.</exception>
    /// <exception cref="InvalidDataException">The registry gave another part, or all of it.</exception>
    public void ReadPart(string digest, long length, long offset, Span<byte> target, CancellationToken cancellation)
    {
        if (target.IsEmpty)
            return;
        var range = new RangeHeaderValue(offset, offset + target.Length - 1);
        using var answer = Get($"blobs/{digest}", request => request.Headers.Range = range, cancellation);
        var given = answer.Content.Headers.ContentRange;
        if (answer.StatusCode != HttpStatusCode.PartialContent || given?.From != offset)
            throw new InvalidDataException($"{Host} doesn't give parts of blobs (HTTP ranges)");
        if (given.Length != length)
            throw new InvalidDataException($"{Host} has {given.Length} bytes of blob {digest}, and its manifest says {length}");
        using var stream = answer.Content.ReadAsStream(cancellation);
        stream.ReadExactly(target);
    }

    public void Dispose() => _http.Dispose();

    private HttpResponseMessage Get(string path, Action<HttpRequestMessage> prepare, CancellationToken cancellation)
    {
        for (var attempt = 0; ; attempt++)
        {
            var used = _authorization;
            using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(FindBase(), $"v2/{Path}/{path}"));
            request.Headers.Authorization = used;
            prepare(request);
            var answer = _http.Send(request, cancellation); // reads all of it within the time limit
            // Where it redirects to isn't to be told the password.
            var isOwn = answer.RequestMessage?.RequestUri?.Authority == FindBase().Authority;
            if (answer.StatusCode == HttpStatusCode.Unauthorized && isOwn && attempt < Renewals)
            {
                using (answer)
                    Authorize(answer, used);
                continue;
            }
            if (answer.IsSuccessStatusCode)
                return answer;
            using (answer)
                throw new HttpRequestException($"{Host} answers {(int)answer.StatusCode} to {path}", null, answer.StatusCode);
        }
    }

    // One that needs no certificate may not speak TLS at all.
    private Uri FindBase()
    {
        lock (_lock)
        {
            if (_base is not null)
                return _base;
            var host = Host == "docker.io" ? "registry-1.docker.io" : Host;
            return _base = _isInsecure && !SpeaksTls(host) ? new Uri($"http://{host}/") : new Uri($"https://{host}/");
        }
    }

    private bool SpeaksTls(string host)
    {
        if (!TlsLibrary.IsInstalled)
            return false;
        try
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, $"https://{host}/v2/");
            using var answer = _http.Send(request, HttpCompletionOption.ResponseHeadersRead);
            return true;
        }
        catch (HttpRequestException e) when (e.HttpRequestError == HttpRequestError.SecureConnectionError)
        {
            return false;
        }
    }

    // RFC 9110, 11.6.1; distribution's docs/spec/auth/token.md.
    private void Authorize(HttpResponseMessage answer, AuthenticationHeaderValue? used)
    {
        lock (_lock)
        {
            if (_authorization != used)
                return; // another thread has
            var credentials = RegistryCredentials.Find(_repository, _authFile);
            foreach (var challenge in answer.Headers.WwwAuthenticate)
            {
                if (challenge.Scheme.Equals("Bearer", StringComparison.OrdinalIgnoreCase))
                    _authorization = new AuthenticationHeaderValue("Bearer", FetchToken(challenge.Parameter ?? "", credentials));
                else if (challenge.Scheme.Equals("Basic", StringComparison.OrdinalIgnoreCase) && credentials is not null)
                    _authorization = new AuthenticationHeaderValue("Basic", credentials.ToBasic());
                else
                    continue;
                return;
            }
        }
    }

    private string FetchToken(string challenge, RegistryCredentials? credentials)
    {
        var fields = ChallengeField().Matches(challenge).ToLookup(field => field.Groups[1].Value, field => field.Groups[2].Value);
        var service = fields["service"].FirstOrDefault() is { } name ? $"service={Uri.EscapeDataString(name)}&" : "";
        if (!Uri.TryCreate(fields["realm"].FirstOrDefault(), UriKind.Absolute, out var realm)
            || !(realm.Scheme == Uri.UriSchemeHttps || (_isInsecure && realm.Scheme == Uri.UriSchemeHttp)))
            throw new InvalidDataException($"{Host} asks for a token, but doesn't say where to get one that is safe");
        var query = $"{(realm.Query.Length > 0 ? realm.Query + "&" : "?")}{service}scope={Uri.EscapeDataString($"repository:{Path}:pull")}";
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(realm, realm.AbsolutePath + query));
        if (credentials is not null)
            request.Headers.Authorization = new AuthenticationHeaderValue("Basic", credentials.ToBasic());
        using var answer = _http.Send(request);
        if (!answer.IsSuccessStatusCode)
        {
            var status = (int)answer.StatusCode;
            throw new HttpRequestException($"{realm.Host} answers {status} to a request for a token", null, answer.StatusCode);
        }
        try
        {
            using var stream = answer.Content.ReadAsStream();
            var token = JsonSerializer.Deserialize(stream, RegistryJson.Default.TokenAnswer);
            if ((token?.Token ?? token?.AccessToken) is { Length: > 0 } text && text.All(c => c is > ' ' and < (char)127))
                return text;
        }
        catch (JsonException)
        {
            // As below: a gateway's page, for instance.
        }
        throw new HttpRequestException($"{realm.Host} gives no token");
    }

    [GeneratedRegex("([a-z]+)=\"([^\"]*)\"")]
    private static partial Regex ChallengeField();
}
