namespace Stasis.Engine.Vetting.Seccomp;

/// <summary>
/// What is known about 32 bits of a call's arguments on one path through a filter: known bits, bounds, and
/// excluded values.
/// </summary>
internal sealed class AbstractValue
{
    // The array is never modified, so that copies share it.
    private (uint Mask, uint Value)[] _not = [];

    /// <summary>The number of excluded values.</summary>
    public int Excluded => _not.Length;

    private uint _mask, _value, _least, _most = uint.MaxValue;

    /// <summary>Makes a copy for the other branch.</summary>
    public AbstractValue Clone() => new() { _mask = _mask, _value = _value, _least = _least, _most = _most, _not = _not };

    /// <summary>Assumes that the bits under a mask are these. Returns false if they can't be.</summary>
    public bool AssumeEqual(uint mask, uint value)
    {
        if (((_value ^ value) & _mask & mask) != 0 || (value & ~mask) != 0)
            return false;
        (_mask, _value) = (_mask | mask, _value | value);
        return IsPossible();
    }

    /// <summary>Assumes that the bits under a mask aren't these. Returns false if they must be.</summary>
    public bool AssumeNotEqual(uint mask, uint value)
    {
        if ((value & ~mask) != 0)
            return true;
        _not = [.. _not, (mask, value)];
        return IsPossible();
    }

    /// <summary>
    /// Assumes that the value is at least <paramref name="least"/> and at most <paramref name="most"/>.
    /// Returns false if it can't be.
    /// </summary>
    public bool AssumeBetween(uint least, uint most)
    {
        (_least, _most) = (Math.Max(_least, least), Math.Min(_most, most));
        return IsPossible();
    }

    /// <summary>Whether the bits under a mask are known to be these.</summary>
    public bool Is(uint mask, uint value) => (mask & ~_mask) == 0 && ((_value ^ value) & mask) == 0;

    /// <summary>Whether the value is known to be another one.</summary>
    public bool IsNot(uint value) => ((_value ^ value) & _mask) != 0 || value < _least || value > _most || IsExcluded(value, uint.MaxValue);

    /// <summary>Whether the value is known to be at least that.</summary>
    public bool IsAtLeast(uint value) => (_mask == uint.MaxValue ? _value : _least) >= value;

    /// <summary>Whether the value is known to be at most that.</summary>
    public bool IsAtMost(uint value) => (_mask == uint.MaxValue ? _value : _most) <= value;

    private bool IsPossible() =>
        _least <= _most && (_mask != uint.MaxValue || (_value >= _least && _value <= _most)) && !IsExcluded(_value, _mask);

    // Whether a value, of which some bits are known, is excluded.
    private bool IsExcluded(uint value, uint known)
    {
        foreach (var (mask, excluded) in _not)
        {
            if ((mask & ~known) == 0 && (value & mask) == excluded)
                return true;
        }
        return false;
    }
}
