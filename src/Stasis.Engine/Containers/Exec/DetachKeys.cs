using Stasis.Engine.Errors;

namespace Stasis.Engine.Containers.Exec;

/// <summary>
/// Finds the keys that end an attachment in the typed bytes, across reads. Bytes that may be the beginning of the keys are held
/// back until the next byte decides.
/// </summary>
/// <param name="keys">The keys; none if empty.</param>
internal sealed class DetachKeys(byte[] keys)
{
    /// <summary>Podman's default: ctrl-p ctrl-q.</summary>
    public static readonly byte[] Default = [0x10, 0x11];

    private int _matched;

    /// <summary>
    /// Parses "ctrl-p,ctrl-q": characters, or ctrl- and one of a to z, @, [, \, ], ^ and _, separated by commas. Empty text means no keys.
    /// </summary>
    /// <exception cref="StasisException">The text is something else.</exception>
    public static byte[] Parse(string text) => text.Length == 0 ? [] : [.. text.Split(',').Select(key => key switch
    {
        [> ' ' and <= '~' and var character] => (byte)character,
        ['c', 't', 'r', 'l', '-', (>= 'a' and <= 'z' or '@' or '[' or '\\' or ']' or '^' or '_') and var letter] => (byte)(letter & 0x1F),
        _ => throw new StasisException($"detach keys \"{text}\": \"{key}\" is no key")
        {
            Remedy = "give characters or ctrl-LETTER, with commas between, such as ctrl-p,ctrl-q",
        },
    })];

    /// <summary>Returns the bytes to pass on, and whether the keys are complete. Bytes after complete keys are dropped.</summary>
    /// <param name="typed">The bytes that were read.</param>
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

    // The length of the longest proper prefix of the first keys that is also their suffix: so many keys still match after a mismatch.
    private int Border(int length)
    {
        var border = length - 1;
        while (!keys.AsSpan(0, border).SequenceEqual(keys.AsSpan(length - border, border)))
            border--;
        return border;
    }
}
