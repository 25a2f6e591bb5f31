using Stasis.Engine.Errors;

namespace Stasis.Engine.Images;

public sealed partial class ImageManager
{
    /// <summary>Gives an image a further name. An image that had the name before loses it.</summary>
    /// <param name="reference">The image.</param>
    /// <param name="name">The name; without a registry it is on localhost, without a tag it has the tag latest.</param>
    /// <exception cref="NotFoundException">There is no such image.</exception>
    /// <exception cref="StasisException">The name is none, or one by digest.</exception>
    public void Tag(string reference, string name)
    {
        var full = NameToGive(name);
        _engine.Database.Transaction(() => Store.AddName(Get(reference).Id, full), durable: true);
    }
}
