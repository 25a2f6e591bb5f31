using Xunit;

namespace Stasis.EndToEndTests.Packaging;

/// <summary>The image that installs Stasis on Kubernetes nodes, made once by <c>eng/image.sh</c>.</summary>
internal static class NodeImage
{
    private static readonly Lazy<Task<string>> Script = new(() => RepositoryScript.RunAsync("image.sh"));

    /// <summary>The OCI archive.</summary>
    public static string Archive { get; } = Path.Combine(RepositoryScript.Repository, "artifacts/image/stasis-node.oci.tar");

    /// <summary>Makes it if that hasn't been done, and gives its name: NAME:VERSION.</summary>
    public static async Task<string> MakeAsync() => (await Script.Value.WaitAsync(TestContext.Current.CancellationToken))
        .Split([' ', ',', '\n']).Single(word => word.StartsWith("localhost/", StringComparison.Ordinal));
}
