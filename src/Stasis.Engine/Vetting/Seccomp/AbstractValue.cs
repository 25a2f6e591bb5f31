namespace Stasis.Engine.Vetting.Seccomp;

/// <summary>What the way through a filter says about 32 bits of a call's arguments: bits that are known, limits, and values that it isn't.</summary>
internal sealed class AbstractValue
{
    // Never changed, so that a copy shares it.
    private (uint Mask, uint Value)[] _not = [];

    /// <summary>How many values it isn't.</summary>
    public int Excluded => _not.Length;

    private uint _mask, _value, _least, _most = uint.MaxValue;

    /// <summary>A copy, for the other branch.</summary>
    public AbstractValue Clone() => new() { _mask = _mask, _value = _value, _least = _least, _most = _most, _not = _not };

    /// <summary>Its bits under the mask are these; false if they can't be.</summary>
    public bool Be(uint mask, uint value)
    {
        if (((_value ^ value) & _mask & mask) != 0 || (value & ~mask) != 0)
            return false;
        (_mask, _value) = (_mask | mask, _value | value);
        return IsPossible();
    }

    /// <summary>Its bits under the mask aren't these.</summary>
    public bool NotBe(uint mask, uint value)
    {
        if ((value & ~mask) != 0)
            return true;
        _not = [.. _not, (mask, value)];
        return IsPossible();
    }

    /// <summary>It lies between these.</summary>
    public bool Between(uint least, uint most)
    {
        (_least, _most) = (Math.Max(_least, least), Math.Min(_most, most));
        return IsPossible();
    }

    /// <summary>Whether its bits under the mask are surely these.</summary>
    public bool Is(uint mask, uint value) => (mask & ~_mask) == 0 && ((_value ^ value) & mask) == 0;

    /// <summary>Whether it surely has another value.</summary>
    public bool IsNot(uint value) => ((_value ^ value) & _mask) != 0 || value < _least || value > _most || IsExcluded(value, uint.MaxValue);

    /// <summary>Whether it surely is at least, or at most, that.</summary>
    public bool IsAtLeast(uint value) => (_mask == uint.MaxValue ? _value : _least) >= value;

    public bool IsAtMost(uint value) => (_mask == uint.MaxValue ? _value : _most) <= value;

    private bool IsPossible() =>
        _least <= _most && (_mask != uint.MaxValue || (_value >= _least && _value <= _most)) && !IsExcluded(_value, _mask);

    // Whether a value, of which the bits under the mask are known, is one that it isn't.
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
