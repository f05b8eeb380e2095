using System.Collections.Frozen;
using System.Diagnostics.CodeAnalysis;
using Strata.Networks;

namespace Strata.Operators;

/// <summary>
/// One operator of the catalogue. The number is permanent: it stands in encoded networks and is never reused.
/// The prototype carries the attribute defaults. <paramref name="Since"/> is the format version that introduced it.
/// </summary>
public sealed record OperatorRow(int Number, string Name, Operator Prototype, int Since = 1);

/// <summary>All operators that a network may hold, by number, by name in the text form, and by .NET type.</summary>
public sealed partial class OperatorCatalog : IOperatorSet
{
    private readonly FrozenDictionary<int, OperatorRow> byNumber;
    private readonly FrozenDictionary<string, OperatorRow> byName;
    private readonly FrozenDictionary<Type, OperatorRow> byType;

    private OperatorCatalog(IReadOnlyList<OperatorRow> rows)
    {
        Rows = [.. rows.OrderBy(r => r.Number)];
        byNumber = rows.ToFrozenDictionary(r => r.Number);
        byName = rows.ToFrozenDictionary(r => r.Name, StringComparer.Ordinal);
        byType = rows.ToFrozenDictionary(r => r.Prototype.GetType());
    }

    /// <summary>Strata's own operators.</summary>
    public static OperatorCatalog Standard { get; } = new([.. Elementwise, .. Movement, .. Reduction, .. Convolution, .. Algebra, .. Quantized, .. Control, .. Learning]);

    /// <summary>All rows, by number.</summary>
    public IReadOnlyList<OperatorRow> Rows { get; }

    /// <summary>The row of an operator instance.</summary>
    /// <exception cref="UnsupportedOperatorException">The operator is not in this catalogue.</exception>
    public OperatorRow RowOf(Operator op) => byType.TryGetValue(op.GetType(), out var row)
        ? row
        : throw new UnsupportedOperatorException($"operator {op} is not in the catalogue; add it with {nameof(OperatorCatalog)}.{nameof(With)}");

    /// <summary>Finds an operator by its permanent number.</summary>
    public bool TryGet(int number, [NotNullWhen(true)] out OperatorRow? row) => byNumber.TryGetValue(number, out row);

    /// <summary>Finds an operator by its name in the text form.</summary>
    public bool TryGet(string name, [NotNullWhen(true)] out OperatorRow? row) => byName.TryGetValue(name, out row);

    /// <inheritdoc/>
    public string NameOf(Operator op) => RowOf(op).Name;

    /// <inheritdoc/>
    public int NumberOf(Operator op) => RowOf(op).Number;

    /// <inheritdoc/>
    public bool TryPrototype(string name, [NotNullWhen(true)] out Operator? prototype) => (prototype = byName.GetValueOrDefault(name)?.Prototype) is not null;

    /// <inheritdoc/>
    public bool TryPrototype(int number, [NotNullWhen(true)] out Operator? prototype) => (prototype = byNumber.GetValueOrDefault(number)?.Prototype) is not null;

    /// <inheritdoc/>
    public int SinceOf(int number) => byNumber[number].Since;

    /// <summary>This catalogue and more operators; numbers from 1,000,000 are free for users.</summary>
    /// <exception cref="ArgumentException">A number, name or type is taken.</exception>
    public OperatorCatalog With(params ReadOnlySpan<OperatorRow> rows) => new([.. Rows, .. rows]);
}
