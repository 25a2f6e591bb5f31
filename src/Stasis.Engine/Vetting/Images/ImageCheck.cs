using Stasis.Engine.Vetting.Findings;

namespace Stasis.Engine.Vetting.Images;

/// <summary>A check of the image verifier, and the rules whose findings it makes.</summary>
/// <param name="Order">
/// Checks run in ascending order: later ones use what earlier ones have recorded in
/// <see cref="ImageVerification"/>.
/// </param>
/// <param name="Run">Compares images with the spec; null if another check calls this one.</param>
/// <param name="Rules">The rules that <paramref name="Run"/> reports.</param>
internal sealed record ImageCheck(int Order, Action<ImageVerification>? Run, params IReadOnlyList<RuleDescriptor> Rules)
{
    /// <summary>Adds a check to a folder's list, and creates the list for the first one.</summary>
    public static ImageCheck AddTo(ref List<ImageCheck>? list, ImageCheck check)
    {
        (list ??= []).Add(check);
        return check;
    }
}
