namespace Stasis.Engine.Vetting.Images;

/// <summary>
/// Rules about the form of images. Each rule's file adds its check here, in a part of this class, so that a
/// new rule is a new file and nothing else.
/// </summary>
internal static partial class FormImageCheckList
{
    // Without an initializer: the parts' fields are initialized in no given order, and each may be the first to add a check.
    private static List<ImageCheck>? _checks;

    /// <summary>The checks, in no order.</summary>
    public static IReadOnlyList<ImageCheck> Checks => _checks ?? [];

    private static ImageCheck Add(ImageCheck check) => ImageCheck.AddTo(ref _checks, check);
}
