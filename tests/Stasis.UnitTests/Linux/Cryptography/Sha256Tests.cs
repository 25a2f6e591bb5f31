using System.Security.Cryptography;
using CsCheck;
using Stasis.Linux.Cryptography;
using Xunit;

namespace Stasis.UnitTests.Linux.Cryptography;

public sealed class Sha256Tests
{
    [Fact]
    public void A_hash_in_any_chunks_equals_dotnets() =>
        Gen.Byte.Array[0, 300].Array[0, 8].Sample(pieces =>
        {
            var hash = new Sha256();
            foreach (var piece in pieces)
                hash.Append(piece);
#pragma warning disable RS0030 // what the command doesn't use is what it is compared with
            Assert.Equal(SHA256.HashData([.. pieces.SelectMany(p => p)]), hash.Finish());
#pragma warning restore RS0030
        });

    [Fact]
    public void Random_digits_are_as_many_as_asked_for_and_never_the_same()
    {
        var made = Enumerable.Range(0, 1000).Select(_ => RandomHex.Digits(64)).ToHashSet();
        Assert.Equal(1000, made.Count);
        Assert.All(made, digits => Assert.Matches("^[0-9a-f]{64}$", digits));
        Assert.Equal(512, RandomHex.Digits(512).Length);
    }
}
