using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Text;

namespace Stasis.Engine.Errors;

/// <summary>
/// What to do about a failure: a sentence in parts. Most parts are words; some name a call or an option of the library,
/// which a program words as its own command or flag. <see cref="ToString()"/> names them as the library does.
/// </summary>
public sealed class Remedy
{
    private Remedy(IReadOnlyList<RemedyPart> parts) => Parts = parts;

    /// <summary>The parts, in the order in which they are read.</summary>
    public IReadOnlyList<RemedyPart> Parts { get; }

    /// <summary>A remedy that is words alone.</summary>
    [return: NotNullIfNotNull(nameof(words))]
    public static implicit operator Remedy?(string? words) => words is null ? null : new Remedy([new RemedyLiteral(words)]);

    /// <summary>The text for a program that shows the remedy as the library words it.</summary>
    [return: NotNullIfNotNull(nameof(remedy))]
    public static implicit operator string?(Remedy? remedy) => remedy?.ToString();

    /// <summary>The text, with each part as <paramref name="word"/> words it.</summary>
    public string ToString(Func<RemedyPart, string> word) => string.Concat(Parts.Select(word));

    /// <inheritdoc/>
    public override string ToString() => ToString(part => part.ToString());

    /// <summary>Makes a remedy of an interpolated string, in which calls, options and other remedies keep their meaning.</summary>
    internal static Remedy Create(Builder builder) => new(builder.Parts);

    /// <summary>Collects the parts of an interpolated string.</summary>
    [InterpolatedStringHandler]
    internal readonly ref struct Builder
    {
        private readonly StringBuilder _words = new();
        private readonly List<RemedyPart> _parts = [];

        public Builder(int literalLength, int formattedCount)
        {
        }

        public List<RemedyPart> Parts
        {
            get
            {
                EndWords();
                return _parts;
            }
        }

        public void AppendLiteral(string words) => _words.Append(words);

        public void AppendFormatted(string? words) => _words.Append(words);

        public void AppendFormatted(RemedyPart part)
        {
            EndWords();
            _parts.Add(part);
        }

        public void AppendFormatted(Remedy remedy)
        {
            EndWords();
            _parts.AddRange(remedy.Parts);
        }

        private void EndWords()
        {
            if (_words.Length > 0)
                _parts.Add(new RemedyLiteral(_words.ToString()));
            _words.Clear();
        }
    }
}
