using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Strata.Tests.Support;

/// <summary>
/// A run at a lower instruction-set level is asked for with runtime switches, and an unknown switch is ignored silently.
/// So the run also says in <c>STRATA_ISA</c> which level it means, and this test holds it to that.
/// </summary>
public class InstructionSetTests
{
    [Fact]
    public void TheRunIsAtTheLevelItWasGiven()
    {
        // Where 512 bits slow the clock down, the runtime has them and does not call them accelerated.
        int bits =
            Avx512F.IsSupported || Vector512.IsHardwareAccelerated ? 512 :
            Vector256.IsHardwareAccelerated ? 256 :
            Vector128.IsHardwareAccelerated ? 128 : 0;

        switch (Environment.GetEnvironmentVariable("STRATA_ISA"))
        {
            case null or "" or "native":
                break;
            case "scalar":
                Assert.Equal(0, bits);
                break;
            case "v128":
                Assert.Equal(128, bits);
                break;
            case "v256":
                Assert.Equal(256, bits);
                break;
            case var other:
                Assert.Fail($"STRATA_ISA is '{other}'; known are native, v256, v128, scalar.");
                break;
        }
    }
}
