using Strata.Bitstream;
using Strata.Networks;

namespace Strata.Execution;

/// <summary>
/// A network that is ready to run, with its weights in memory. Immutable and thread-safe: any number of sessions share it.
/// </summary>
public sealed class Model : IDisposable
{
    private readonly EncodedNetwork? encoded;
    private volatile bool disposed;

    private Model(Network network, EncodedNetwork? encoded, LoadOptions? options)
    {
        options ??= new LoadOptions();
        (this.encoded, Interpreter) = (encoded, new Interpreter(network));
        if (!options.ReferenceOnly) Engine = new Engine(Interpreter, options.Threads);
    }

    /// <summary>The network: its inputs and outputs are what a session takes and gives.</summary>
    public Network Network => Interpreter.Network;

    internal Interpreter Interpreter { get; }

    /// <summary>Plans and packed weights; null when everything runs by reference.</summary>
    internal Engine? Engine { get; }

    /// <summary>Loads an encoded network from a file. All of it is read and verified.</summary>
    /// <exception cref="StrataFormatException">The file is not an encoded network, or corrupt, or truncated.</exception>
    /// <exception cref="ResourceLimitException">It needs more than <see cref="LoadOptions.MaxMemory"/>.</exception>
    public static Model Load(string path, LoadOptions? options = null) => Load(o => EncodedNetwork.Open(path, o), options, null, default);

    /// <summary>Loads an encoded network from a stream, which need not be seekable.</summary>
    /// <inheritdoc cref="Load(string, LoadOptions?)" path="/exception"/>
    public static Model Load(Stream stream, LoadOptions? options = null) => Load(o => EncodedNetwork.Open(stream, o), options, null, default);

    /// <summary>Loads an encoded network from memory, which must not change while the model lives.</summary>
    /// <inheritdoc cref="Load(string, LoadOptions?)" path="/exception"/>
    public static Model Load(ReadOnlyMemory<byte> bytes, LoadOptions? options = null) => Load(o => EncodedNetwork.Open(new MemoryByteSource(bytes), o), options, null, default);

    /// <summary>Loads an encoded network from a file in the background.</summary>
    /// <inheritdoc cref="Load(string, LoadOptions?)" path="/exception"/>
    public static Task<Model> LoadAsync(string path, LoadOptions? options = null, IProgress<LoadProgress>? progress = null, CancellationToken cancel = default) =>
        Task.Run(() => Load(o => EncodedNetwork.Open(path, o), options, progress, cancel), cancel);

    /// <summary>Loads an encoded network from a stream in the background.</summary>
    /// <inheritdoc cref="Load(string, LoadOptions?)" path="/exception"/>
    public static Task<Model> LoadAsync(Stream stream, LoadOptions? options = null, IProgress<LoadProgress>? progress = null, CancellationToken cancel = default) =>
        Task.Run(() => Load(o => EncodedNetwork.Open(stream, o), options, progress, cancel), cancel);

    /// <summary>Makes a model of a network at hand.</summary>
    public static Model Of(Network network, LoadOptions? options = null) => new(network, null, options);

    /// <summary>Starts a session: one per thread.</summary>
    /// <exception cref="ObjectDisposedException">The model is disposed.</exception>
    public Session CreateSession()
    {
        ObjectDisposedException.ThrowIf(disposed, this);
        return new(this);
    }

    /// <summary>Closes the file. Sessions that run go on; new ones cannot be started.</summary>
    public void Dispose()
    {
        disposed = true;
        encoded?.Dispose();
    }

    private static Model Load(Func<DecodeOptions, EncodedNetwork> open, LoadOptions? options, IProgress<LoadProgress>? progress, CancellationToken cancel)
    {
        options ??= new LoadOptions();
        cancel.ThrowIfCancellationRequested();
        var encoded = open(new DecodeOptions { MaxMemory = options.MaxMemory, Threads = options.Threads });
        try
        {
            var model = new Model(encoded.Network, encoded, options);
            model.Interpreter.Keep(encoded.MaterializeAll(progress is null ? null : new ByteProgress(progress), cancel));
            return model;
        }
        catch
        {
            encoded.Dispose();
            throw;
        }
    }

    private sealed class ByteProgress(IProgress<LoadProgress> progress) : IProgress<(long Done, long Total)>
    {
        public void Report((long Done, long Total) value) => progress.Report(new(value.Done, value.Total));
    }
}
