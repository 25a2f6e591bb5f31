namespace Stasis.Engine.Vetting.Images.Files;

/// <summary>
/// Compares the paths of the images that lie in one tmpfs with the tar that CRIU fills it from. No such file system is there before CRIU
/// runs, so that the tar is all there is to see.
/// </summary>
internal sealed class TmpfsTarPathCheck
{
    // Of all wanted names together, in characters: as many as half a million paths of files in a few directories have.
    private const int MaxCharacters = 1 << 25;

    // The type of each wanted name and of the directories above it; 0 as long as the tar hasn't got it.
    private readonly Dictionary<string, uint> _types = [];
    private readonly List<(ImagePathField Path, string Name)> _wanted = [];
    private readonly bool _isTooMuch;

    /// <param name="paths">The paths that lie in the file system.</param>
    public TmpfsTarPathCheck(IEnumerable<ImagePathField> paths)
    {
        var characters = 0;
        foreach (var path in paths)
        {
            var text = path.Text;
            var name = path.Use == PathUse.MountRoot
                ? text.Trim('/')
                : ImagePathSyntax.Join(path.Mount!.Root, ImagePathSyntax.Beneath(text, path.Mount.Point)).Trim('/');
            _wanted.Add((path, name));
            for (var part = name; part.Length > 0; part = part[..Math.Max(part.LastIndexOf('/'), 0)])
            {
                if (!_types.TryAdd(part, 0))
                    break; // the directories above are there, too
                characters += part.Length;
            }
            if (_isTooMuch = characters > MaxCharacters)
                return;
        }
    }

    /// <summary>Whether a mount is a tmpfs that CRIU fills.</summary>
    public static bool IsPacked(MountNode mount) => mount is { FileSystem: MountNode.Tmpfs or MountNode.DevTmpfs, IsExternal: false };

    /// <summary>Takes an entry of the tar.</summary>
    /// <param name="name">The name, without a slash at its beginning.</param>
    /// <param name="type">The type of file (S_IFMT); 0 for another name of <paramref name="target"/>.</param>
    /// <param name="target">The name that a hard link is to.</param>
    public void Take(string name, uint type, string? target)
    {
        if (!_types.TryGetValue(name, out var known))
            return;
        if (type == 0)
            type = target is not null && _types.GetValueOrDefault(target) is var linked and not 0 ? linked : ModeBits.Regular;
        // Of two entries of one name, the one counts that is worse.
        _types[name] = known == 0 || known == type ? type : ModeBits.Link;
    }

    /// <summary>Reports the paths that the tar has otherwise, or not at all.</summary>
    public void Check(ImageVerification verification)
    {
        if (_isTooMuch)
            verification.Refuse(
                PathImageRule.Rule, _wanted[^1].Path.Where, _wanted[^1].Path.Text, "too many long paths in one file system in memory");
        else
        {
            foreach (var (path, name) in _wanted)
            {
                if (FindWrong(path, name) is { } message)
                    verification.Refuse(PathImageRule.Rule, path.Where, path.Text, message);
            }
        }
    }

    private string? FindWrong(ImagePathField path, string name)
    {
        if (name.Length == 0)
            return null; // the root of the file system
        for (var slash = name.IndexOf('/', StringComparison.Ordinal); slash >= 0; slash = name.IndexOf('/', slash + 1))
        {
            switch (_types[name[..slash]])
            {
                case ModeBits.Directory:
                    break;
                case ModeBits.Link:
                    return $"it leads through the symbolic link {name[..slash]}";
                case 0:
                    return PathExpectation.JudgeMissing(path);
                default:
                    return $"{name[..slash]} is no directory";
            }
        }
        return _types[name] is var type and not 0 ? PathExpectation.Judge(path, type) : PathExpectation.JudgeMissing(path);
    }
}
