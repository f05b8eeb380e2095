using System.Runtime.InteropServices;
using Strata.Execution;
using Strata.Networks;

// Argument: an encoded network whose inputs and outputs are f32, the inputs of known shapes. Prints the bits of each output.
using var model = Model.Load(args[0]);
using var session = model.CreateSession();
foreach (var input in model.Network.Inputs)
{
    int[] dims = ((TensorType)input.Type).Shape!.Constant!;
    float[] elements = [.. Enumerable.Range(0, dims.Aggregate(1, (product, dim) => product * dim)).Select(i => (i % 17 - 8) / 8f)];
    session.SetInput<float>(input.Name, elements, dims);
}
session.Run();
foreach (var output in model.Network.Outputs) Console.WriteLine($"{output.Name}: {Convert.ToHexString(MemoryMarshal.AsBytes(session.GetOutput<float>(output.Name)))}");
