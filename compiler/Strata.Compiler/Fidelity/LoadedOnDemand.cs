using System.Collections;

namespace Strata.Compiler.Fidelity;

/// <summary>A list whose elements are made each time they are asked for, so that memory holds one and not all.</summary>
internal sealed class LoadedOnDemand<T>(IReadOnlyList<Func<T>> load) : IReadOnlyList<T>
{
    /// <inheritdoc/>
    public int Count => load.Count;

    /// <inheritdoc/>
    public T this[int index] => load[index]();

    /// <inheritdoc/>
    public IEnumerator<T> GetEnumerator() => load.Select(make => make()).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
