using System.Numerics;

namespace Stasis.Engine.Vetting.Seccomp;

/// <summary>A set of calls, by their index in a list of numbers; one bit for each.</summary>
internal sealed class SyscallSet(int size)
{
    private readonly ulong[] _bits = new ulong[(size + 63) / 64];

    public bool IsEmpty => Array.TrueForAll(_bits, word => word == 0);

    public void Add(int index) => _bits[index / 64] |= 1UL << (index % 64);

    public void AddAll(SyscallSet other)
    {
        for (var i = 0; i < _bits.Length; i++)
            _bits[i] |= other._bits[i];
    }

    /// <summary>Removes a call. Returns false if it wasn't in the set.</summary>
    public bool Remove(int index)
    {
        var (word, bit) = (index / 64, 1UL << (index % 64));
        var had = (_bits[word] & bit) != 0;
        _bits[word] &= ~bit;
        return had;
    }

    /// <summary>Splits the set at an index: the calls before it, and those from it on.</summary>
    public (SyscallSet Before, SyscallSet From) Split(int place)
    {
        var (before, from) = (new SyscallSet(size), new SyscallSet(size));
        for (var i = 0; i < _bits.Length; i++)
        {
            var low = place >= (i + 1) * 64 ? ulong.MaxValue : place <= i * 64 ? 0 : (1UL << (place % 64)) - 1;
            (before._bits[i], from._bits[i]) = (_bits[i] & low, _bits[i] & ~low);
        }
        return (before, from);
    }

    public IEnumerable<int> Indexes()
    {
        for (var i = 0; i < _bits.Length; i++)
        {
            for (var word = _bits[i]; word != 0; word &= word - 1)
                yield return (i * 64) + BitOperations.TrailingZeroCount(word);
        }
    }
}
