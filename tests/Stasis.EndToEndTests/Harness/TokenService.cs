using System.Buffers.Text;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json;

namespace Stasis.EndToEndTests.Harness;

/// <summary>
/// Issues the tokens that a registry asks for, as those of Docker Hub or GitHub do (distribution's docs/spec/auth/jwt.md): to
/// <see cref="LocalRegistry.User"/> alone.
/// </summary>
public sealed class TokenService : IDisposable
{
    private const string Issuer = "stasis-test", Service = "registry";

    private readonly HttpListener _listener = new();
    private readonly RSA _key = RSA.Create(2048);
    private readonly string _certificate;

    /// <summary>Starts one.</summary>
    /// <param name="folder">Where the registry finds the certificate.</param>
    public TokenService(string folder)
    {
        using var free = new TcpListener(IPAddress.Loopback, 0);
        free.Start();
        Address = $"http://127.0.0.1:{((IPEndPoint)free.LocalEndpoint).Port}/token";
        free.Stop();
        var request = new CertificateRequest($"CN={Issuer}", _key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        using var certificate = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        _certificate = Convert.ToBase64String(certificate.RawData);
        var bundle = Path.Combine(folder, "issuer.pem");
        File.WriteAllText(bundle, certificate.ExportCertificatePem());
        Configuration = $"auth:\n  token:\n    realm: {Address}\n    service: {Service}\n    issuer: {Issuer}\n    "
            + $"rootcertbundle: {bundle}\n";
        _listener.Prefixes.Add(Address + "/");
        _listener.Start();
        _ = ServeAsync();
    }

    /// <summary>Where tokens are to be asked for.</summary>
    public string Address { get; }

    /// <summary>Lines of the registry's configuration.</summary>
    public string Configuration { get; }

    /// <summary>How many tokens were given out.</summary>
    public int Issued { get; private set; }

    /// <summary>For how many seconds a token counts; the registry adds 60 (its leeway).</summary>
    public int Seconds { get; set; } = 60;

    public void Dispose()
    {
        _listener.Close();
        _key.Dispose();
    }

    private async Task ServeAsync()
    {
        var known = "Basic " + Convert.ToBase64String(Encoding.UTF8.GetBytes($"{LocalRegistry.User}:{LocalRegistry.Password}"));
        while (_listener.IsListening)
        {
            HttpListenerContext asked;
            try
            {
                asked = await _listener.GetContextAsync();
            }
            catch (Exception e) when (e is HttpListenerException or ObjectDisposedException)
            {
                return;
            }
            using var answer = asked.Response;
            if (asked.Request.Headers["Authorization"] != known)
            {
                answer.StatusCode = 401;
                continue;
            }
            Issued++;
            answer.ContentType = "application/json";
            try
            {
                answer.OutputStream.Write(JsonSerializer.SerializeToUtf8Bytes(new { token = Issue(asked.Request.QueryString["scope"]) }));
            }
            catch (HttpListenerException)
            {
                // Who asked has gone.
            }
        }
    }

    private string Issue(string? scope)
    {
        var now = DateTimeOffset.UtcNow.ToUnixTimeSeconds();
        var access = (scope ?? "").Split(' ').Select(part => part.Split(':')).Where(parts => parts.Length == 3)
            .Select(parts => new { type = parts[0], name = parts[1], actions = parts[2].Split(',') });
        var header = Encode(JsonSerializer.SerializeToUtf8Bytes(new { typ = "JWT", alg = "RS256", x5c = new[] { _certificate } }));
        var claims = Encode(JsonSerializer.SerializeToUtf8Bytes(new
        {
            iss = Issuer,
            sub = LocalRegistry.User,
            aud = Service,
            iat = now,
            nbf = now - 60,
            exp = now + Seconds,
            jti = Guid.NewGuid().ToString("N"),
            access,
        }));
        var signature = _key.SignData(Encoding.ASCII.GetBytes($"{header}.{claims}"), HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        return $"{header}.{claims}.{Encode(signature)}";
    }

    private static string Encode(byte[] bytes) => Base64Url.EncodeToString(bytes);
}
