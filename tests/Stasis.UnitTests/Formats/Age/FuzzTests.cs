using System.Text;
using Stasis.Engine.Errors;
using Stasis.Engine.Formats.Age;
using Stasis.UnitTests.Fuzz;
using Xunit;

namespace Stasis.UnitTests.Formats.Age;

/// <summary>Whatever bytes come in age's name: they are decrypted, or refused with an <see cref="AgeException"/>.</summary>
public sealed class FuzzTests : IDisposable
{
    private static readonly AgeIdentity Alice =
        AgeIdentity.TryParse("AGE-SECRET-KEY-1GQ9778VQXMMJVE8SK7J6VT8UJ4HDQAJUVSFCWCM02D8GEWQ72PVQ2Y5J33")!;

    private readonly TempDirectory _temp = new();

    public void Dispose() => _temp.Dispose();

    [Fact]
    public void Encrypted_data() => Fuzzer.Run(
        [
            .. ((int[])[0, 1, 1000, 70_000]).Select(size => AgeFiles.Encrypt(new byte[size], Alice.Recipient)),
            AgeFiles.Encrypt("two"u8.ToArray(), AgeIdentity.Generate().Recipient, Alice.Recipient),
        ],
        input =>
        {
            try
            {
                AgeFiles.Decrypt(input, Alice);
                return true;
            }
            catch (AgeException)
            {
                return false;
            }
        });

    /// <summary>Without its authentication code, which would refuse nearly all of them first.</summary>
    [Fact]
    public void Age_headers() => Fuzzer.Run(
        [
            AgeFiles.Encrypt([], Alice.Recipient), AgeFiles.Forge(AgeFiles.Header(Alice.Recipient)),
            AgeFiles.Forge("age-encryption.org/v1\n-> scrypt AAAA 18\nAAAA\n-> X25519 a\n\n-> ssh-ed25519 a b\nAAAA\n"),
        ],
        input =>
        {
            try
            {
                foreach (var stanza in AgeHeader.Read(new MemoryStream(input)).Stanzas)
                    Alice.TryUnwrap(stanza);
                return true;
            }
            catch (AgeException)
            {
                return false;
            }
        });

    [Fact]
    public void Key_files() => Fuzzer.Run(
        [.. ((string[])[$"# a comment\n{Alice.Export()}\n", $"{Alice.Recipient}\n{Alice.Recipient}\n", Alice.Export().ToLowerInvariant()])
            .Select(Encoding.ASCII.GetBytes)],
        input =>
        {
            var file = Path.Combine(_temp.Path, "keys");
            File.WriteAllBytes(file, input);
            File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserWrite);
            return IsRead(() => AgeKeyFiles.ReadIdentities([file])) | IsRead(() => AgeKeyFiles.ReadRecipients([file]));
        });

    private static bool IsRead(Action read)
    {
        try
        {
            read();
            return true;
        }
        catch (StasisException)
        {
            return false;
        }
    }
}
