namespace Stasis.EndToEndTests.Attacks;

/// <summary>Facts that were seen at one time, to be compared with those of another.</summary>
internal sealed class FactList
{
    private readonly SortedDictionary<string, string> _states = new(StringComparer.Ordinal);

    /// <exception cref="ArgumentException">Two facts have the same subject: a difference of one would go unseen.</exception>
    public FactList(IEnumerable<Fact> facts)
    {
        foreach (var fact in facts)
            _states.Add(fact.Subject, fact.State);
    }

    public int Count => _states.Count;

    /// <summary>What is different in a later list.</summary>
    public List<Difference> Differences(FactList later) =>
    [
        .. from subject in _states.Keys.Union(later._states.Keys).Order(StringComparer.Ordinal)
           let difference = new Difference(subject, _states.GetValueOrDefault(subject), later._states.GetValueOrDefault(subject))
           where difference.Before != difference.After
           select difference
    ];

    /// <summary>
    /// Numbers subjects that are the same, e.g. two mounts at one point, in the order of their facts.
    /// </summary>
    public static IEnumerable<Fact> Number(IEnumerable<Fact> facts) => facts
        .GroupBy(fact => fact.Subject)
        .SelectMany(group => group.Select((fact, index) => index == 0 ? fact : fact with { Subject = $"{fact.Subject} #{index + 1}" }));
}
