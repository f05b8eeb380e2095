using System.Runtime.CompilerServices;
using Strata.Networks;
using Strata.Operators.Reference;
using Strata.Tensors;

namespace Strata.Execution;

/// <summary>
/// Runs a network layer by layer with reference evaluations: slow, obvious, the oracle for everything fast.
/// Thread-safe.
/// </summary>
/// <param name="network">The network.</param>
/// <param name="keptBytes">Constants stay materialised while the interpreter lives, up to so many bytes; further ones are read for each layer that uses them.</param>
public sealed class Interpreter(Network network, long keptBytes = long.MaxValue)
{
    private readonly Dictionary<Network, Dictionary<Value, int>> lastUses = new(ReferenceEqualityComparer.Instance);
    private readonly Dictionary<Constant, Tensor> constants = new(ReferenceEqualityComparer.Instance);
    private readonly Lock gate = new();
    private long kept;

    /// <summary>The network.</summary>
    public Network Network => network;

    /// <summary>Hands over constants that are materialised already.</summary>
    internal void Keep(IReadOnlyDictionary<Constant, Tensor> materialized)
    {
        lock (gate)
        {
            foreach (var (constant, tensor) in materialized) constants[constant] = tensor;
        }
    }

    /// <summary>Evaluates the network.</summary>
    /// <param name="inputs">One value per network input, in order.</param>
    /// <param name="options">Bounds of the run.</param>
    /// <param name="observer">Sees the outputs of each layer of the outermost network right after its evaluation.</param>
    /// <exception cref="InvalidInputException">The inputs do not fit; the message names the input or the layer.</exception>
    /// <exception cref="ResourceLimitException">The limit on steps or memory is reached.</exception>
    public IReadOnlyList<RuntimeValue?> Run(IReadOnlyList<RuntimeValue?> inputs, RunOptions? options = null, Action<Layer, IReadOnlyList<RuntimeValue?>>? observer = null)
    {
        DimBindings.Bind(network, inputs);
        return new RunState(this, options ?? RunOptions.Default).Run(network, inputs, depth: 0, observer);
    }

    /// <summary>The elements of a constant, kept from now on as far as constants are kept.</summary>
    internal Tensor Materialize(Constant constant)
    {
        long borrowed = 0;
        return Materialize(constant, ref borrowed);
    }

    private Tensor Materialize(Constant constant, ref long borrowed)
    {
        lock (gate)
        {
            if (constants.TryGetValue(constant, out var tensor)) return tensor;
            tensor = constant.Materialize();
            if (constant.ByteCount > keptBytes - kept)
            {
                borrowed += constant.ByteCount;
                return tensor;
            }
            kept += constant.ByteCount;
            return constants[constant] = tensor;
        }
    }

    // The layer after which a value is no longer needed; values that are outputs stay.
    private Dictionary<Value, int> LastUses(Network body)
    {
        lock (gate)
        {
            if (lastUses.TryGetValue(body, out var known)) return known;
            var uses = new Dictionary<Value, int>(ReferenceEqualityComparer.Instance);
            foreach (var layer in body.Layers)
            {
                foreach (var value in layer.Inputs.Concat(layer.Outputs))
                {
                    if (value is not null) uses[value] = layer.Id;
                }
            }
            foreach (var output in body.Outputs) uses[output.Value] = int.MaxValue;
            return lastUses[body] = uses;
        }
    }

    private sealed class RunState(Interpreter interpreter, RunOptions options)
    {
        // Left to itself, the collector lets several layers' weights pile up before it takes any.
        private const long CollectedBytes = 16 << 20;

        private readonly RunMemory memory = new(options.MaxMemory);
        private long steps, borrowed;

        public IReadOnlyList<RuntimeValue?> Run(Network body, IReadOnlyList<RuntimeValue?> inputs, int depth, Action<Layer, IReadOnlyList<RuntimeValue?>>? observer)
        {
            if (depth > Limits.NestingDepth) throw new ResourceLimitException($"network '{body.Name}': bodies nest deeper than {Limits.NestingDepth}");
            options.CancellationToken.ThrowIfCancellationRequested();
            if (depth > 0 && ++steps > options.MaxSteps) throw new ResourceLimitException($"network '{body.Name}': the limit of {options.MaxSteps} steps is reached"); // a body may have no layer
            if (inputs.Count != body.Inputs.Length) throw new InvalidInputException($"network '{body.Name}' takes {body.Inputs.Length} inputs, {inputs.Count} are given");
            var lastUse = interpreter.LastUses(body);
            var values = new Dictionary<Value, RuntimeValue?>(ReferenceEqualityComparer.Instance);
            long held = 0;
            for (int i = 0; i < inputs.Count; i++) values[body.Inputs[i]] = inputs[i];

            foreach (var layer in body.Layers)
            {
                options.CancellationToken.ThrowIfCancellationRequested();
                if (++steps > options.MaxSteps) throw new ResourceLimitException($"layer '{layer.Name}': the limit of {options.MaxSteps} steps is reached");
                var results = Compute(layer);
                observer?.Invoke(layer, results);
                Release();
                for (int i = 0; i < layer.Outputs.Length; i++)
                {
                    if (layer.Outputs[i] is not { } output) continue;
                    var result = values[output] = results[i] ?? throw new InvalidInputException($"layer '{layer.Name}' ({layer.Operator}) gave no output {i}");
                    memory.Hold(layer, result.Footprint);
                    held += result.Footprint;
                }
                foreach (var value in layer.Inputs.Concat(layer.Outputs))
                {
                    if (value is null || lastUse[value] != layer.Id || !values.Remove(value, out var gone) || value.Producer is null) continue;
                    memory.Release(gone!.Footprint);
                    held -= gone.Footprint;
                }
            }
            memory.Release(held); // whoever ran the body counts what he keeps of its results
            return [.. body.Outputs.Select(o => Read(o.Value))];

            // In a frame of its own: nothing of it may hold the operands while the weights are given back.
            [MethodImpl(MethodImplOptions.NoInlining)]
            IReadOnlyList<RuntimeValue?> Compute(Layer layer) => Evaluate(layer, [.. layer.Inputs.Select(Read)], depth);

            RuntimeValue? Read(Value? value) => value is null ? null : value.Constant is { } constant ? interpreter.Materialize(constant, ref borrowed) : values[value];
        }

        // Gives back what the layers before borrowed.
        private void Release()
        {
            if (borrowed < CollectedBytes) return;
            borrowed = 0;
            GC.Collect();
        }

        private IReadOnlyList<RuntimeValue?> Evaluate(Layer layer, RuntimeValue?[] inputs, int depth)
        {
            var evaluation = ReferenceEvaluations.Find(layer.Operator)
                ?? throw new UnsupportedOperatorException($"layer '{layer.Name}': operator {layer.Operator} has no reference evaluation in this build");
            long reserved = 0;
            var context = new ReferenceContext(inputs, [.. layer.Outputs.Select(o => o?.Type)], (body, bodyInputs) => Run(body, bodyInputs, depth + 1, null), Reserve, options.CancellationToken);
            try
            {
                Reserve(RunMemory.Foretell(layer, inputs));
                return evaluation(layer.Operator, context);
            }
            catch (ResourceLimitException error) when (!IsPlaced(error))
            {
                throw new ResourceLimitException($"layer '{layer.Name}' ({layer.Operator}): {error.Message}", error);
            }
            catch (InvalidInputException error) when (!IsPlaced(error))
            {
                string types = string.Join(", ", inputs.Select(i => i?.ToString() ?? "_"));
                throw new InvalidInputException($"layer '{layer.Name}' ({layer.Operator}): {error.Message} (inputs: {types})", error);
            }
            finally
            {
                memory.Release(reserved);
            }

            void Reserve(long bytes)
            {
                memory.Hold(layer, bytes);
                reserved += bytes;
            }

            // An error of a body says already where it is.
            static bool IsPlaced(StrataException error) => error.Message.StartsWith("layer ", StringComparison.Ordinal);
        }
    }
}
