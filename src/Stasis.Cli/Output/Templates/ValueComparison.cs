namespace Stasis.Cli.Output.Templates;

/// <summary>Compares values as Go's templates do: only values of one kind.</summary>
internal static class ValueComparison
{
    /// <exception cref="EvaluationException">The values are of different kinds.</exception>
    public static bool AreEqual(Value left, Value right) => (left, right) switch
    {
        (NilValue, _) or (_, NilValue) => left is NilValue && right is NilValue,
        (HeaderValue, _) or (_, HeaderValue) => false,
        (BooleanValue one, BooleanValue other) => one.Content == other.Content,
        (IntegerValue one, IntegerValue other) => one.Content == other.Content,
        (RealValue one, RealValue other) => one.Content.Equals(other.Content),
        (TextValue one, TextValue other) => one.Content == other.Content,
        (TimeValue, TimeValue) => left.ToString() == right.ToString(),
        (ListValue or MapValue or RecordValue, _) or (_, ListValue or MapValue or RecordValue) =>
            throw new EvaluationException($"non-comparable type {(left is ListValue or MapValue or RecordValue ? left : right).Type}"),
        _ => throw Incompatible(left, right),
    };

    /// <summary>Negative if <paramref name="left"/> is less, 0 if the values are equal.</summary>
    /// <exception cref="EvaluationException">The values are of different kinds, or their kind has no order.</exception>
    public static int Compare(Value left, Value right) => (left, right) switch
    {
        (HeaderValue, _) or (_, HeaderValue) => 0,
        (IntegerValue one, IntegerValue other) => one.Content.CompareTo(other.Content),
        (RealValue one, RealValue other) => one.Content.CompareTo(other.Content),
        (TextValue one, TextValue other) => string.CompareOrdinal(one.Content, other.Content),
        (BooleanValue, _) or (NilValue, _) or (TimeValue, _) or (ListValue, _) or (MapValue, _) or (RecordValue, _) =>
            throw new EvaluationException("invalid type for comparison"),
        _ => throw Incompatible(left, right),
    };

    private static EvaluationException Incompatible(Value left, Value right) =>
        new($"incompatible types for comparison: {left.Type} and {right.Type}");
}
