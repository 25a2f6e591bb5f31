using Stasis.Engine.Errors;
using Stasis.Engine.Images.Registry;
using Xunit;

namespace Stasis.UnitTests.Images.Registry;

/// <summary>Whether the host's policy asks for signatures, which skopeo alone verifies.</summary>
public sealed class SignaturePolicyFileTests : IDisposable
{
    private readonly TempDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Theory]
    [InlineData("""{"default": [{"type": "insecureAcceptAnything"}]}""", true)]
    [InlineData("""
        {"default": [{"type": "insecureAcceptAnything"}],
         "transports": {"docker-daemon": {"": [{"type": "insecureAcceptAnything"}]}}}
        """, true)]
    [InlineData("""{"default": [{"type": "reject"}]}""", false)]
    [InlineData("""{}""", false)]
    [InlineData("""{"default": []}""", false)]
    [InlineData("""
        {"default": [{"type": "insecureAcceptAnything"}],
         "transports": {"docker": {"example.com": [{"type": "signedBy", "keyType": "GPGKeys", "keyPath": "/k"}]}}}
        """, false)]
    public void Only_a_policy_that_accepts_everything_does(string content, bool expected) => Assert.Equal(expected, Accepts(content));

    [Theory]
    [InlineData("[]")]
    [InlineData("{")]
    [InlineData("""{"default": 3}""")]
    public void A_policy_that_is_not_right_is_refused(string content) => Assert.Throws<StasisException>(() => Accepts(content));

    private bool Accepts(string content)
    {
        var path = Path.Combine(_directory.Path, "policy.json");
        File.WriteAllText(path, content);
        return SignaturePolicyFile.AcceptsAnything(path);
    }
}
