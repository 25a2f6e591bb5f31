using Stasis.Engine.Vetting.Findings;

namespace Stasis.Engine.Vetting.Images.Namespaces;

/// <summary>
/// Binds whose destinations lead through symbolic links of the image, so that the images don't say which of the spec's they are.
/// </summary>
internal static class SymlinkedMountImageRule
{
    public static readonly RuleDescriptor Rule = new()
    {
        Id = "image-linked-mount",
        Finds = "a bind whose destination leads through a symbolic link, if another such bind of the spec has restrictions that it hasn't",
        Allow = "`linked-mount:/usr/lib/data`",
        AllowName = "linked-mount",
    };
}

internal static partial class NamespaceImageCheckList
{
    internal static readonly ImageCheck LinkedMount = Add(new(62, null, SymlinkedMountImageRule.Rule));
}
