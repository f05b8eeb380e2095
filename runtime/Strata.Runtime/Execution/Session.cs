using Strata.Kernels;
using Strata.Networks;
using Strata.Tensors;

namespace Strata.Execution;

/// <summary>
/// Runs a model again and again for one thread: set the inputs, run, read the outputs. Inputs stay set between runs.
/// </summary>
public sealed class Session : IDisposable
{
    private readonly Model model;
    private readonly RuntimeValue?[] inputs;
    private readonly InputBuffer?[] buffers; // inputs that were given as spans
    private readonly NetworkRunner? runner; // null when the model runs by reference
    private readonly SessionMemory? memory;
    private readonly RuntimeValue?[] outputs; // values of their own, made when they are asked for
    private bool hasRun, disposed;

    internal Session(Model model)
    {
        this.model = model;
        (inputs, buffers) = (new RuntimeValue?[model.Network.Inputs.Length], new InputBuffer?[model.Network.Inputs.Length]);
        outputs = new RuntimeValue?[model.Network.Outputs.Length];
        if (model.Engine is null) return;
        memory = new(model.Engine);
        runner = memory.RunnerOf(model.Network);
    }

    /// <summary>The model.</summary>
    public Model Model => model;

    /// <summary>Sets an input by copying elements whose .NET type has the width of the input's element type.</summary>
    /// <exception cref="InvalidInputException">There is no such input, or type, rank or number of elements do not fit.</exception>
    public void SetInput<T>(string name, ReadOnlySpan<T> elements, params ReadOnlySpan<int> dims) where T : unmanaged
    {
        int index = InputIndex(name);
        if (model.Network.Inputs[index].Type is not TensorType declared) throw new InvalidInputException($"input '{name}' is {model.Network.Inputs[index].Type}, not a tensor; give it as a value");
        var buffer = (buffers[index] ??= new(declared.ElementType)).For(dims);
        if (buffer.Count != elements.Length) throw new InvalidInputException($"input '{name}': {buffer} holds {buffer.Count} elements, {elements.Length} are given");
        elements.CopyTo(buffer.MutableSpan<T>());
        inputs[index] = buffer;
    }

    /// <summary>Sets an input to a value of any kind; it is not copied.</summary>
    /// <exception cref="InvalidInputException">There is no such input.</exception>
    public void SetInput(string name, RuntimeValue value) => inputs[InputIndex(name)] = value;

    /// <summary>Computes the outputs.</summary>
    /// <exception cref="InvalidInputException">An input is missing or does not fit the network, or inputs contradict each other.</exception>
    /// <exception cref="ResourceLimitException">A limit of <paramref name="options"/> is reached.</exception>
    public void Run(RunOptions? options = null)
    {
        ObjectDisposedException.ThrowIf(disposed, this);
        Array.Clear(outputs);
        hasRun = false;
        if (runner is null) ((RuntimeValue?[])[.. model.Interpreter.Run(inputs, options, options?.Progress is { } progress ? (layer, _) => progress.Report(layer) : null)]).CopyTo(outputs);
        else
        {
            memory!.Budget.Start(options);
            runner.Run(inputs);
        }
        hasRun = true;
    }

    /// <summary>An output of the last run, as a value that later runs leave alone.</summary>
    /// <exception cref="InvalidInputException">There is no such output.</exception>
    /// <exception cref="InvalidOperationException">Nothing was run since the session began or a run failed.</exception>
    public RuntimeValue GetOutput(string name)
    {
        int index = OutputIndex(name);
        return outputs[index] ??= runner!.Output(index)!;
    }

    /// <summary>The elements of a tensor output of the last run, in row-major order; valid until the next run.</summary>
    /// <inheritdoc cref="GetOutput(string)" path="/exception"/>
    public ReadOnlySpan<T> GetOutput<T>(string name) where T : unmanaged => InPlace(name, out var bytes) is { } tensor
        ? Tensor.Read<T>(tensor.Type, bytes)
        : TensorOutput(name).Span<T>();

    /// <summary>Copies the elements of a tensor output of the last run into the caller's memory; returns how many there are.</summary>
    /// <exception cref="InvalidInputException">There is no such output, or it has more elements than the destination.</exception>
    public int CopyOutput<T>(string name, Span<T> destination) where T : unmanaged
    {
        var elements = GetOutput<T>(name);
        if (elements.Length > destination.Length) throw new InvalidInputException($"output '{name}' has {elements.Length} elements, the destination holds {destination.Length}");
        elements.CopyTo(destination);
        return elements.Length;
    }

    /// <summary>The dimensions of a tensor output of the last run.</summary>
    /// <inheritdoc cref="GetOutput(string)" path="/exception"/>
    public ReadOnlySpan<int> OutputDims(string name) => InPlace(name, out _) is { } tensor ? tensor.Dims : TensorOutput(name).Dims.AsSpan();

    /// <summary>Notes how long each step takes from now on; null for a model that runs by reference.</summary>
    internal RunProfile? StartProfile() => memory is null ? null : memory.Profile = new();

    /// <summary>The plans of the last run, one after another; none when the model runs by reference.</summary>
    internal IReadOnlyList<ExecutionPlan> Plans => runner?.Parts ?? [];

    /// <summary>The bodies that ran in the last run, with the plans of their last evaluation.</summary>
    internal IEnumerable<(Network Body, IReadOnlyList<ExecutionPlan> Plans)> BodyPlans => memory is null ? [] : memory.Runners.Where(r => r != runner && r.Parts.Count > 0).Select(r => (r.Network, (IReadOnlyList<ExecutionPlan>)r.Parts));

    /// <summary>Gives up what the session holds; the model lives on.</summary>
    public void Dispose()
    {
        disposed = true;
        Array.Clear(inputs);
        Array.Clear(buffers);
        Array.Clear(outputs);
    }

    // Where the engine left a tensor output, or null.
    private KernelOperand? InPlace(string name, out ReadOnlySpan<byte> bytes)
    {
        int index = OutputIndex(name);
        bytes = default;
        return runner?.OutputAt(index, out bytes);
    }

    private int OutputIndex(string name)
    {
        ObjectDisposedException.ThrowIf(disposed, this);
        var network = model.Network;
        for (int i = 0; i < network.Outputs.Length; i++)
        {
            if (network.Outputs[i].Name == name) return hasRun ? i : throw new InvalidOperationException("run the session before reading its outputs");
        }
        throw new InvalidInputException($"the network has no output '{name}'; it has {string.Join(", ", network.Outputs.Select(o => o.Name))}");
    }

    private Tensor TensorOutput(string name) => GetOutput(name) as Tensor ?? throw new InvalidInputException($"output '{name}' is not a tensor");

    private int InputIndex(string name)
    {
        ObjectDisposedException.ThrowIf(disposed, this);
        var network = model.Network;
        for (int i = 0; i < network.Inputs.Length; i++)
        {
            if (network.Inputs[i].Name == name) return i;
        }
        throw new InvalidInputException($"the network has no input '{name}'; it has {string.Join(", ", network.Inputs.Select(v => v.Name))}");
    }
}
