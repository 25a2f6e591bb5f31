using System.Buffers.Binary;
using System.Net.Sockets;
using Stasis.Engine.Errors;

namespace Stasis.Engine.Formats.Ssh;

/// <summary>Asks the SSH agent to sign (draft-ietf-sshm-ssh-agent): for keys with a passphrase, and those in hardware.</summary>
internal static class SshAgent
{
    private const string Variable = "SSH_AUTH_SOCK";
    private const byte SignRequest = 13;
    private const byte SignResponse = 14;
    private const int MaxReply = 1 << 16;

    // Long enough to touch a token.
    private const int TimeoutMilliseconds = 60_000;

    /// <summary>Signs data. Returns the signature in SSH's encoding.</summary>
    /// <exception cref="StasisException">There is no agent, or it doesn't sign with that key.</exception>
    public static byte[] Sign(SshPublicKey key, byte[] data)
    {
        var path = Environment.GetEnvironmentVariable(Variable);
        if (path is not { Length: > 0 })
            throw CannotSign(key, $"no SSH agent is running ({Variable} isn't set)");
        try
        {
            var reply = Ask(path, [SignRequest, .. new SshWriter().String(key.Blob).String(data).Number(0).ToArray()]);
            if (reply is not [SignResponse, ..])
                throw CannotSign(key, "the SSH agent doesn't sign with it");
            return new SshReader(reply.AsSpan(1)).String().ToArray();
        }
        // the last for a path too long for a socket
        catch (Exception e) when (e is SocketException or IOException or FormatException or ArgumentException)
        {
            throw CannotSign(key, $"the SSH agent at {path} doesn't answer: {e.Message}", e);
        }
    }

    private static byte[] Ask(string path, byte[] request)
    {
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified)
        {
            SendTimeout = TimeoutMilliseconds,
            ReceiveTimeout = TimeoutMilliseconds,
        };
        socket.Connect(new UnixDomainSocketEndPoint(path));
        using var stream = new NetworkStream(socket);
        stream.Write(new SshWriter().String(request).ToArray());
        var length = new byte[4];
        stream.ReadExactly(length);
        var reply = BinaryPrimitives.ReadUInt32BigEndian(length) is var size && size <= MaxReply
            ? new byte[size]
            : throw new FormatException("its answer is too long");
        stream.ReadExactly(reply);
        return reply;
    }

    private static StasisException CannotSign(SshPublicKey key, string why, Exception? inner = null) =>
        new($"signing with key {key.Fingerprint}, whose secret part is encrypted or held by an agent: {why}", inner)
        {
            Remedy = $"add it with ssh-add FILE, or sign with ssh-keygen -Y sign -n {SshSignature.Namespace} -f KEY ARCHIVE",
        };
}
