namespace Stasis.Engine.Containers;

/// <summary>Finds ctrl-p ctrl-q in what is typed, across reads. A ctrl-p is held back until the next key tells what it was.</summary>
internal sealed class DetachKeys
{
    private static readonly byte[] Keys = [0x10, 0x11];
    private int _matched;

    /// <summary>Gives what is to be passed on of <paramref name="typed"/>, and whether the keys are complete (what follows them is dropped).</summary>
    public (byte[] PassOn, bool Detach) Scan(ReadOnlySpan<byte> typed)
    {
        var passOn = new List<byte>(typed.Length + Keys.Length);
        foreach (var key in typed)
        {
            if (key == Keys[_matched])
            {
                if (++_matched == Keys.Length)
                    return ([.. passOn], true);
                continue;
            }
            passOn.AddRange(Keys[.._matched]);
            _matched = key == Keys[0] ? 1 : 0;
            if (_matched == 0)
                passOn.Add(key);
        }
        return ([.. passOn], false);
    }
}
