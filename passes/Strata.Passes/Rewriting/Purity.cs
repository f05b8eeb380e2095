using Strata.Networks;
using Strata.Operators;

namespace Strata.Passes;

/// <summary>What passes may assume of operators.</summary>
public static class Purity
{
    /// <summary>True when equal operands give equal results and nothing nested runs: no body, no random numbers.</summary>
    public static bool IsPure(Operator op) => op is not (RandomDraw or Dropout) && op.Bodies.IsEmpty;
}
