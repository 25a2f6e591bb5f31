using System.Text;
using Stasis.Engine.Oci.Spec;
using Stasis.Engine.Storage;
using Stasis.Linux.Files;

namespace Stasis.Engine.Criu;

/// <summary>
/// A container's own CRIU configuration file, for options that runtimes have no flag for. runc and crun pass the file that the annotation
/// org.criu.config names to CRIU. Its options override the runtime's settings. A missing file is ignored.
/// </summary>
internal static class CriuConfig
{
    /// <summary>The annotation that names the file.</summary>
    public const string Annotation = "org.criu.config";

    /// <summary>Adds the annotation to a spec, unless the spec has one already.</summary>
    public static OciSpec Annotate(OciSpec spec, ContainerLayout paths)
    {
        if (!IsUsed(spec))
            return spec;
        var annotations = new Dictionary<string, string>(spec.Annotations ?? new Dictionary<string, string>())
        {
            [Annotation] = paths.CriuConfig,
        };
        return spec with { Annotations = annotations };
    }

    /// <summary>Replaces the file: the next dump or restore uses exactly these options.</summary>
    public static void Write(ContainerLayout paths, IReadOnlyList<string> options) =>
        AtomicFile.Write(paths.CriuConfig, Text(options), durable: false);

    /// <summary>The file's content: an option a line.</summary>
    public static byte[] Text(IReadOnlyList<string> options) =>
        Encoding.ASCII.GetBytes(string.Concat(options.Select(option => option + "\n")));

    /// <summary>Whether CRIU reads this file for a container: false if the user's spec names another file.</summary>
    public static bool IsUsed(OciSpec spec) => spec.Annotations?.ContainsKey(Annotation) != true;
}
