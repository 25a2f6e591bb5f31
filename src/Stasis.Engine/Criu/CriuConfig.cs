using System.Text;
using Stasis.Engine.Oci.Spec;
using Stasis.Engine.Storage;
using Stasis.Linux.Files;

namespace Stasis.Engine.Criu;

/// <summary>
/// A container's own CRIU configuration file, for options that runtimes have no flag for. runc and crun hand CRIU the file that the annotation
/// org.criu.config names; what stands in it overrides the runtime's own settings, and a missing file is ignored.
/// </summary>
internal static class CriuConfig
{
    /// <summary>The annotation that names the file.</summary>
    public const string Annotation = "org.criu.config";

    /// <summary>The spec with the annotation, unless the user has put one there.</summary>
    public static OciSpec Annotate(OciSpec spec, ContainerLayout paths) => spec.Annotations?.ContainsKey(Annotation) == true ? spec : spec with
    {
        Annotations = new Dictionary<string, string>(spec.Annotations ?? new Dictionary<string, string>()) { [Annotation] = paths.CriuConfig },
    };

    /// <summary>Sets the options for the next dump or restore, and no other.</summary>
    public static void Write(ContainerLayout paths, IReadOnlyList<string> options) =>
        AtomicFile.Write(paths.CriuConfig, Text(options), durable: false);

    /// <summary>The file's content.</summary>
    public static byte[] Text(IReadOnlyList<string> options) => Encoding.ASCII.GetBytes(string.Concat(options.Select(option => option + "\n")));

    /// <summary>Whether the runtime of a container has CRIU read this file: the user may have named another.</summary>
    public static bool IsUsed(OciSpec spec) => spec.Annotations?.ContainsKey(Annotation) != true;
}
