using System.Runtime.InteropServices;

namespace Stasis.Engine.Host;

/// <summary>Looks a machine over: for <c>doctor</c> and <c>info</c>.</summary>
public static class HostProbe
{
    /// <summary>
    /// Finds every part and tries every kernel feature; changes nothing. With <paramref name="prove"/> it also has CRIU
    /// dump and restore a process, which takes a few hundred milliseconds, or <see cref="CriuSelfTest.TimeLimit"/>
    /// where CRIU hangs.
    /// </summary>
    public static async Task<HostReport> RunAsync(EngineOptions options, bool prove, CancellationToken cancellation)
    {
        var path = Oci.RuntimeEnvironment.GetPath(Oci.RuntimeEnvironment.Build());
        var distribution = Distribution.Read();
        var parts = await Task.WhenAll(Dependency.All(options).Select(part => part.FindAsync(path, distribution, cancellation)));
        var criu = parts.First(part => part.Name == Dependency.Criu);
        return new HostReport
        {
            Kernel = File.ReadAllText("/proc/sys/kernel/osrelease").Trim(),
            Distribution = distribution.Name,
            Architecture = RuntimeInformation.ProcessArchitecture.ToString().ToLowerInvariant(),
            Parts = parts,
            Features = HostFeatureProbe.ProbeAll(options.Runtime),
            Proof = prove && criu.Path is { } program ? await CriuSelfTest.RunAsync(program, cancellation) : null,
        };
    }
}
