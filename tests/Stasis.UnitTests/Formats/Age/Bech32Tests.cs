using CsCheck;
using Stasis.Engine.Formats.Age;
using Xunit;

namespace Stasis.UnitTests.Formats.Age;

public sealed class Bech32Tests
{
    [Theory] // BIP 173
    [InlineData("A12UEL5L", "A", "")]
    [InlineData("abcdef1qpzry9x8gf2tvdw0s3jn54khce6mua7lmqqqxw", "abcdef", "00443214c74254b635cf84653a56d7c675be77df")]
    [InlineData("?1ezyfcl", "?", "")]
    public void Valid_vectors_of_the_BIP_are_decoded(string text, string prefix, string data)
    {
        var decoded = Bech32.Decode(text);
        Assert.Equal((prefix, data), (decoded!.Value.Prefix, Convert.ToHexStringLower(decoded.Value.Data)));
    }

    [Theory] // the same: no separator, no prefix, a letter that isn't one, a checksum that is short or wrong, upper and lower case
    [InlineData("pzry9x0s0muk")]
    [InlineData("1pzry9x0s0muk")]
    [InlineData("x1b4n0q5v")]
    [InlineData("li1dgmt3")]
    [InlineData("A1G7SGD8")]
    [InlineData("10a06t8")]
    [InlineData("1qzzfhee")]
    [InlineData("a12uEL5L")]
    [InlineData("\u00201nwldj5")]
    [InlineData("")]
    public void Invalid_vectors_of_the_BIP_are_refused(string text) => Assert.Null(Bech32.Decode(text));

    [Fact]
    public void Written_and_read_it_is_the_same_and_one_changed_letter_is_noticed() =>
        Gen.Select(Gen.Byte.Array[0, 60], Gen.Int[0, 1000], Gen.Int[1, 31]).Sample((data, at, change) =>
    {
        const string alphabet = "qpzry9x8gf2tvdw0s3jn54khce6mua7l";
        var text = Bech32.Encode("test", data);
        Assert.Equal(data, Bech32.Decode(text)!.Value.Data);
        Assert.Equal(data, Bech32.Decode(text.ToUpperInvariant())!.Value.Data);
        var damaged = text.ToCharArray();
        var position = 5 + (at % (text.Length - 5));
        damaged[position] = alphabet[(alphabet.IndexOf(damaged[position], StringComparison.Ordinal) + change) % 32];
        Assert.Null(Bech32.Decode(new string(damaged)));
    });
}
