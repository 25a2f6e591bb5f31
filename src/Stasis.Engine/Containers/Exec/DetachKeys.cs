using Stasis.Engine.Errors;

namespace Stasis.Engine.Containers.Exec;

/// <summary>Finds the keys that end an attachment in what is typed, across reads. What may be the beginning of them is held back until the next key tells.</summary>
internal sealed class DetachKeys(byte[] keys)
{
    /// <summary>Podman's: ctrl-p ctrl-q.</summary>
    public static readonly byte[] Default = [0x10, 0x11];

    private int _matched;

    /// <summary>"ctrl-p,ctrl-q": characters, or ctrl- and one of a to z, @, [, \, ], ^ and _, with commas between. Nothing for no keys at all.</summary>
    /// <exception cref="StasisException">It is something else.</exception>
    public static byte[] Parse(string text) => text.Length == 0 ? [] : [.. text.Split(',').Select(key => key switch
    {
        [> ' ' and <= '~' and var character] => (byte)character,
        ['c', 't', 'r', 'l', '-', (>= 'a' and <= 'z' or '@' or '[' or '\\' or ']' or '^' or '_') and var letter] => (byte)(letter & 0x1F),
        _ => throw new StasisException($"detach keys \"{text}\": \"{key}\" is no key")
        {
            Remedy = "give characters or ctrl-LETTER, with commas between, such as ctrl-p,ctrl-q",
        },
    })];

    /// <summary>Gives what is to be passed on of <paramref name="typed"/>, and whether the keys are complete (what follows them is dropped).</summary>
    public (byte[] PassOn, bool Detach) Scan(ReadOnlySpan<byte> typed)
    {
        var passOn = new List<byte>(typed.Length + keys.Length);
        foreach (var key in typed)
        {
            while (_matched > 0 && key != keys[_matched])
            {
                var rest = Border(_matched);
                passOn.AddRange(keys[..(_matched - rest)]);
                _matched = rest;
            }
            if (keys.Length == 0 || key != keys[_matched])
                passOn.Add(key);
            else if (++_matched == keys.Length)
                return ([.. passOn], true);
        }
        return ([.. passOn], false);
    }

    // How many of the first keys end as all of them begin: so many still count when the others turn out not to.
    private int Border(int length)
    {
        var border = length - 1;
        while (!keys.AsSpan(0, border).SequenceEqual(keys.AsSpan(length - border, border)))
            border--;
        return border;
    }
}
