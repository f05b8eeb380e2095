namespace Strata.Kernels;

/// <summary>
/// The prepared computation of one layer: made once from concrete shapes, attributes and fixed operands, run any number of
/// times by any number of threads. Operands and results are dense row-major tensors given by address
/// (<see cref="KernelBuffers"/>); every address that a kernel touches follows from the shapes it was made for.
/// Running allocates nothing, and no result depends on which thread runs which part.
/// </summary>
internal interface IKernel
{
    /// <summary>Phases run one after another: all parts of a phase have ended when the next begins.</summary>
    int Phases => 1;

    /// <summary>Number of independent parts of a phase, at least 1; parts may run at the same time, in any order, and write disjoint memory.</summary>
    int Parts(int phase);

    /// <summary>Bytes of memory that all parts and phases of one run share (<see cref="KernelBuffers.Shared"/>), such as an operand packed at run time.</summary>
    long SharedBytes => 0;

    /// <summary>Bytes of memory that each thread needs for itself while it runs a part (<see cref="KernelBuffers.Scratch"/>); its content does not survive the part.</summary>
    long ScratchBytes => 0;

    /// <summary>False when the kernel keeps all it needs of an operand (packed weights): the address given for it may be null.</summary>
    bool Reads(int input) => true;

    /// <summary>True when output 0 may occupy the memory of an input of the same size.</summary>
    bool MayOverwrite(int input) => false;

    /// <summary>Computes one part of one phase.</summary>
    void Run(int phase, int part, in KernelBuffers buffers);
}
