using Strata.Networks.Text;

namespace Strata.Networks;

/// <summary>The functions that a dimension may apply to dimensions.</summary>
internal enum DimFunction
{
    FloorDiv,
    Min,
    Max,
}

/// <summary>What a product in a <see cref="Dim"/> is made of: a symbol or a function of dimensions.</summary>
internal abstract class DimAtom : IEquatable<DimAtom>
{
    private readonly string text;

    private DimAtom(string text) => this.text = text;

    public abstract IEnumerable<string> Symbols { get; }

    /// <summary>A number that the value never falls below; null when none can be proved.</summary>
    public abstract long? LowerBound { get; }

    /// <summary>How deep functions nest: 0 for a symbol.</summary>
    public abstract int Depth { get; }

    public abstract long? Evaluate(Func<string, long?> valueOf);

    public abstract Dim Substitute(Func<string, Dim?> replacement);

    public bool Equals(DimAtom? other) => text == other?.text;

    public override bool Equals(object? obj) => Equals(obj as DimAtom);

    public override int GetHashCode() => text.GetHashCode(StringComparison.Ordinal);

    public override string ToString() => text;

    public sealed class Symbol(string name) : DimAtom(Quote(name))
    {
        public string Name { get; } = name;

        public override IEnumerable<string> Symbols => [Name];

        public override long? LowerBound => 0;

        public override int Depth => 0;

        public override long? Evaluate(Func<string, long?> valueOf) => valueOf(Name);

        public override Dim Substitute(Func<string, Dim?> replacement) => replacement(Name) ?? Dim.FromAtom(this);

        private static string Quote(string name)
        {
            if (name.Length == 0) throw new InvalidNetworkException("a dimension symbol needs a name");
            return Call.Names.Contains(name) ? TextQuoting.Quote(name) : TextQuoting.WordOrQuoted(name);
        }
    }

    public sealed class Call : DimAtom
    {
        public static readonly string[] Names = ["floordiv", "min", "max"];

        public Call(DimFunction function, Dim a, Dim b) : base($"{Names[(int)function]}({a}, {b})")
        {
            (Function, A, B, Depth) = (function, a, b, 1 + Math.Max(a.Depth, b.Depth));
            if (Depth > Limits.NestingDepth) throw new ResourceLimitException($"a dimension's formula nests deeper than {Limits.NestingDepth}");
        }

        public DimFunction Function { get; }

        public Dim A { get; }

        public Dim B { get; }

        public override int Depth { get; }

        public override IEnumerable<string> Symbols => A.Symbols.Concat(B.Symbols);

        public override long? LowerBound => (Function, A.LowerBound, B.LowerBound) switch
        {
            (DimFunction.FloorDiv, { } x, _) when B.Constant > 0 => Dim.FloorDiv(x, B.Constant.Value),
            (DimFunction.FloorDiv, >= 0, >= 0) => 0,
            (DimFunction.Min, { } x, { } y) => Math.Min(x, y),
            (DimFunction.Max, { } x, { } y) => Math.Max(x, y),
            (DimFunction.Max, var x, var y) => x ?? y,
            _ => null,
        };

        public override long? Evaluate(Func<string, long?> valueOf)
        {
            if (A.Evaluate(valueOf) is not { } x || B.Evaluate(valueOf) is not { } y) return null;
            return Function switch
            {
                DimFunction.FloorDiv => Dim.FloorDiv(x, y),
                DimFunction.Min => Math.Min(x, y),
                _ => Math.Max(x, y),
            };
        }

        public override Dim Substitute(Func<string, Dim?> replacement)
        {
            Dim x = A.Substitute(replacement), y = B.Substitute(replacement);
            return Function switch
            {
                DimFunction.FloorDiv => Dim.FloorDiv(x, y),
                DimFunction.Min => Dim.Min(x, y),
                _ => Dim.Max(x, y),
            };
        }
    }
}
