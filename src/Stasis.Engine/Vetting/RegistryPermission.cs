using Stasis.Engine.Errors;
using Stasis.Engine.Images;
using Stasis.Engine.Vetting.Findings;
using Stasis.Engine.Vetting.Policy.References;

namespace Stasis.Engine.Vetting;

/// <summary>
/// Permission to fetch an image that whoever starts a container has named. This host may be able to fetch more than they may see.
/// </summary>
internal static class RegistryPermission
{
    /// <summary>Requires it.</summary>
    /// <param name="policy">What this host's import policy allows.</param>
    /// <param name="image">The image.</param>
    /// <param name="where">Where it is named.</param>
    /// <exception cref="StasisException">The policy doesn't allow it.</exception>
    public static void Require(ImportPermissions policy, ImageName image, string where)
    {
        var repository = image.Repository();
        var finding = FindingFactory.Refused(BaseImageRule.RegistryRule, where, image.ToString(), "it would be fetched", repository);
        if (policy.Permits(finding))
            return;
        throw new StasisException($"image {image}, which {where} names, isn't here, and may not be fetched")
        {
            Remedy = $"add {repository}, or the registry, to registries in {policy.Path}; or bring it here: stasis pull {image}",
        };
    }
}
