using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using Strata.Networks.Text;

namespace Strata.Networks;

/// <summary>
/// A dimension as a canonical sum of products over symbols and opaque atoms (floor division, minimum, maximum).
/// Two dimensions are equal iff their canonical forms are; a symbol whose name starts with <c>?</c> is known only at run time.
/// </summary>
public sealed partial class Dim : IEquatable<Dim>, IComparable<Dim>
{
    internal readonly record struct Term(long Coefficient, ImmutableArray<DimAtom> Factors, string Key);

    private readonly ImmutableArray<Term> terms; // by key, no zero coefficients; the constant's key is empty and comes last
    private readonly string text;

    private Dim(ImmutableArray<Term> terms)
    {
        (this.terms, text) = (terms, Print(terms));
        CheckLength(text.Length);
    }

    /// <summary>The constant 0.</summary>
    public static Dim Zero { get; } = new([]);

    /// <summary>The constant 1.</summary>
    public static Dim One { get; } = Of(1);

    /// <summary>A constant.</summary>
    public static Dim Of(long value) => value == 0 ? Zero : new([new(value, [], "")]);

    /// <summary>A symbol: any non-empty name.</summary>
    public static Dim Symbol(string name) => FromAtom(new DimAtom.Symbol(name));

    /// <summary>Reads what <see cref="ToString"/> writes, and any other sum of products, such as <c>W + 2*N - floordiv(W, 2)</c>.</summary>
    /// <exception cref="StrataFormatException">The text is no dimension.</exception>
    public static Dim Parse(string text)
    {
        var cursor = new TextCursor(text);
        var dim = DimParser.Sum(cursor);
        return cursor.Kind == TokenKind.End ? dim : throw cursor.Expected("the end of the dimension");
    }

    /// <summary>A constant, implicitly.</summary>
    public static implicit operator Dim(long value) => Of(value);

    /// <summary>The value when the dimension is a constant.</summary>
    public long? Constant => terms.Length == 0 ? 0 : terms is [{ Key: "" } only] ? only.Coefficient : null;

    /// <summary>The name when the dimension is exactly one symbol.</summary>
    public string? SymbolName => terms is [{ Coefficient: 1, Factors: [DimAtom.Symbol symbol] }] ? symbol.Name : null;

    /// <summary>True when the dimension is the given constant.</summary>
    public bool Is(long value) => Constant == value;

    internal ImmutableArray<Term> Terms => terms;

    /// <summary>A number that the value never falls below, since symbols are never negative; null when none can be proved.</summary>
    public long? LowerBound
    {
        get
        {
            Int128 sum = 0;
            foreach (var term in terms)
            {
                if (term.Coefficient < 0 && term.Factors.Length > 0) return null;
                Int128 product = term.Coefficient;
                foreach (var factor in term.Factors)
                {
                    if (factor.LowerBound is not { } bound || bound < 0 && term.Factors.Length > 1) return null;
                    product *= bound;
                    if (product > long.MaxValue || product < long.MinValue) return null;
                }
                sum += product;
            }
            return sum >= long.MinValue && sum <= long.MaxValue ? (long)sum : null;
        }
    }

    /// <summary>True when the value depends on a symbol that is known only at run time.</summary>
    public bool IsRunTime => Symbols.Any(static s => s.StartsWith('?'));

    /// <summary>True when the value is proved never to be negative.</summary>
    public bool IsNonNegative => LowerBound >= 0;

    /// <summary>True when the value is proved to be greater than zero.</summary>
    public bool IsPositive => LowerBound > 0;

    /// <summary>The names of all symbols, in order of appearance.</summary>
    public IEnumerable<string> Symbols => terms.SelectMany(t => t.Factors).SelectMany(f => f.Symbols).Distinct(StringComparer.Ordinal);

    /// <summary>Sum.</summary>
    public static Dim operator +(Dim a, Dim b) => Collect(a.terms.Concat(b.terms));

    /// <summary>Difference.</summary>
    public static Dim operator -(Dim a, Dim b) => a + b * -1;

    /// <summary>Product.</summary>
    public static Dim operator *(Dim a, Dim b)
    {
        CheckLength((long)a.text.Length * b.terms.Length + (long)b.text.Length * a.terms.Length);
        return Collect(from x in a.terms from y in b.terms select Product(x, y));
    }

    /// <summary>The sum of coefficients times products, without a dimension for each step on the way.</summary>
    internal static Dim SumOfProducts(IReadOnlyList<(long Coefficient, Dim[] Factors)> products)
    {
        if (products is [(1, [var only])]) return only;
        var sum = new List<Term>();
        long length = 0;
        foreach (var (coefficient, factors) in products)
        {
            var atoms = factors.Where(IsAtom).Select(f => f.terms[0].Factors[0]).Order(ByText).ToImmutableArray();
            var product = Collect([new Term(coefficient, atoms, string.Join('*', atoms))]);
            foreach (var factor in factors.Where(f => !IsAtom(f))) product *= factor;
            CheckLength(length += product.text.Length);
            sum.AddRange(product.terms);
        }
        return Collect(sum);
    }

    private static readonly Comparer<DimAtom> ByText = Comparer<DimAtom>.Create(static (a, b) => string.CompareOrdinal(a.ToString(), b.ToString()));

    private static bool IsAtom(Dim dim) => dim.terms is [{ Coefficient: 1, Factors.Length: 1 }];

    /// <summary>The smaller of two.</summary>
    public static Dim Min(Dim a, Dim b) => Extreme(DimFunction.Min, a, b);

    /// <summary>The larger of two.</summary>
    public static Dim Max(Dim a, Dim b) => Extreme(DimFunction.Max, a, b);

    /// <summary>The value under an assignment of symbols, or null when a symbol has none.</summary>
    /// <exception cref="InvalidInputException">The value overflows or divides by zero.</exception>
    public long? Evaluate(Func<string, long?> valueOf)
    {
        long sum = 0;
        try
        {
            foreach (var term in terms)
            {
                long product = term.Coefficient;
                foreach (var factor in term.Factors)
                {
                    if (factor.Evaluate(valueOf) is not { } value) return null;
                    product = checked(product * value);
                }
                sum = checked(sum + product);
            }
        }
        catch (ArithmeticException)
        {
            throw new InvalidInputException($"dimension {this} overflows or divides by zero for these inputs");
        }
        return sum;
    }

    /// <summary>The dimension with symbols replaced where the function gives a replacement.</summary>
    public Dim Substitute(Func<string, Dim?> replacement)
    {
        var sum = Zero;
        foreach (var term in terms)
        {
            var product = Of(term.Coefficient);
            foreach (var factor in term.Factors) product *= factor.Substitute(replacement);
            sum += product;
        }
        return sum;
    }

    /// <inheritdoc/>
    public bool Equals(Dim? other) => other is not null && text == other.text;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as Dim);

    /// <inheritdoc/>
    public override int GetHashCode() => text.GetHashCode(StringComparison.Ordinal);

    /// <inheritdoc/>
    public int CompareTo(Dim? other) => string.CompareOrdinal(text, other?.text);

    /// <summary>The canonical form, such as <c>2*batch*N - 1</c> or <c>floordiv(W + 1, 2)</c>.</summary>
    public override string ToString() => text;

    internal static Dim FromAtom(DimAtom atom) => new([new(1, [atom], atom.ToString())]);

    /// <summary>How deep functions nest.</summary>
    internal int Depth => terms.Max(t => t.Factors.Max(f => (int?)f.Depth)) ?? 0;

    private static Dim Extreme(DimFunction function, Dim a, Dim b)
    {
        if ((a - b).IsNonNegative) return function == DimFunction.Min ? b : a;
        if ((b - a).IsNonNegative) return function == DimFunction.Min ? a : b;
        return a.CompareTo(b) <= 0 ? FromAtom(new DimAtom.Call(function, a, b)) : FromAtom(new DimAtom.Call(function, b, a));
    }

    private static Term Product(Term x, Term y)
    {
        var factors = x.Factors.AddRange(y.Factors).Sort(static (p, q) => string.CompareOrdinal(p.ToString(), q.ToString()));
        return new(Checked(() => checked(x.Coefficient * y.Coefficient)), factors, string.Join('*', factors));
    }

    private static Dim Collect(IEnumerable<Term> terms)
    {
        var sums = new SortedDictionary<string, Term>(StringComparer.Ordinal);
        foreach (var term in terms)
        {
            sums[term.Key] = sums.TryGetValue(term.Key, out var known)
                ? term with { Coefficient = Checked(() => checked(term.Coefficient + known.Coefficient)) }
                : term;
        }
        var kept = sums.Values.Where(t => t.Coefficient != 0).OrderBy(t => t.Key == "").ToImmutableArray();
        return kept.Length == 0 ? Zero : new(kept);
    }

    // Untrusted shape arithmetic could square a dimension in every layer.
    private static void CheckLength(long length)
    {
        if (length > Limits.DimLength) throw new ResourceLimitException($"a dimension's formula is longer than {Limits.DimLength} characters");
    }

    private static long Checked(Func<long> compute)
    {
        try { return compute(); }
        catch (OverflowException) { throw new InvalidNetworkException("a dimension overflows 64 bits"); }
    }

    private static string Print(ImmutableArray<Term> terms)
    {
        if (terms.IsEmpty) return "0";
        var builder = new StringBuilder();
        foreach (var term in terms)
        {
            bool negative = term.Coefficient < 0;
            if (builder.Length > 0) builder.Append(negative ? " - " : " + ");
            else if (negative) builder.Append('-');
            string magnitude = term.Coefficient.ToString(CultureInfo.InvariantCulture).TrimStart('-');
            if (term.Key == "") builder.Append(magnitude);
            else builder.Append(magnitude == "1" ? term.Key : $"{magnitude}*{term.Key}");
        }
        return builder.ToString();
    }
}
