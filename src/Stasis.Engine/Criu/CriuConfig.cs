using System.Text;
using Stasis.Engine.Model;
using Stasis.Engine.RuntimeSpec;
using Stasis.Engine.Storage;
using Stasis.Linux.Files;

namespace Stasis.Engine.Criu;

/// <summary>
/// A container's own CRIU configuration file (criu.conf), for options that runtimes have no flag for. runc and crun hand CRIU the
/// file that the annotation <see cref="Annotations.CriuConfig"/> names: the launcher of a container adds the annotation, and each
/// dump and restore writes the file. Its options override the runtime's own, and a missing file is ignored.
/// </summary>
internal static class CriuConfig
{
    /// <summary>The link in a folder of images that leads to those of the pre-checkpoint (criu/image.c).</summary>
    public const string ParentLink = "parent";

    /// <summary>Adds the annotation, unless the spec names a file of the user's own.</summary>
    public static OciSpec Annotate(OciSpec spec, ContainerLayout paths) => !IsUsed(spec) ? spec : spec with
    {
        Annotations = new Dictionary<string, string>(spec.Annotations ?? new Dictionary<string, string>())
        {
            [Annotations.CriuConfig] = paths.CriuConfig,
        },
    };

    /// <summary>Replaces the options by those of the next dump or restore.</summary>
    public static void Write(ContainerLayout paths, IReadOnlyList<string> options) =>
        AtomicFile.Write(paths.CriuConfig, Text(options), durable: false);

    /// <summary>Formats the file: one option a line.</summary>
    public static byte[] Text(IReadOnlyList<string> options) =>
        Encoding.ASCII.GetBytes(string.Concat(options.Select(option => option + "\n")));

    /// <summary>Whether the runtime has CRIU read this file: the spec may name a file of the user's own.</summary>
    public static bool IsUsed(OciSpec spec) => spec.Annotations?.ContainsKey(Annotations.CriuConfig) != true;
}
