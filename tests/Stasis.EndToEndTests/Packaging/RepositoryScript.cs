using System.Diagnostics;
using Xunit;

namespace Stasis.EndToEndTests.Packaging;

/// <summary>Runs scripts of the repository's folder <c>eng</c>.</summary>
internal static class RepositoryScript
{
    /// <summary>The repository's root.</summary>
    public static string Repository { get; } = Environment.GetEnvironmentVariable("STASIS_REPO")
        ?? throw new InvalidOperationException("STASIS_REPO must name the repository: start the tests with eng/test.sh");

    /// <summary>Runs a script, which must succeed, and returns what it printed.</summary>
    public static async Task<string> RunAsync(string script, params string[] arguments)
    {
        var start = new ProcessStartInfo(Path.Combine(Repository, "eng", script), arguments)
        {
            WorkingDirectory = Repository,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using var process = Process.Start(start) ?? throw new InvalidOperationException($"{script} cannot be started");
        process.StandardInput.Close();
        var output = process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        var error = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.True(process.ExitCode == 0, $"eng/{script}: exit code {process.ExitCode}\n{await error}{await output}");
        return await output;
    }
}
