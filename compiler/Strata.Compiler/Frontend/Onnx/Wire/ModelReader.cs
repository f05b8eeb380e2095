using Google.Protobuf;
using Strata.Compiler.Frontend.Onnx.Proto;
using Strata.Tensors;

namespace Strata.Compiler.Frontend.Onnx.Wire;

/// <summary>Where elements of a tensor lie in the model's file: in <c>raw_data</c>, or packed in <c>float_data</c> or <c>double_data</c>.</summary>
internal readonly record struct EmbeddedData(long Offset, long Length, bool IsRaw);

/// <summary>
/// Reads a model's message but leaves large elements of tensors in its file, whatever its length. Messages are taken apart
/// only on the way to such tensors, in the order of the file; everything else goes to the protobuf parser, which merges it.
/// </summary>
internal sealed class ModelReader
{
    /// <summary>Fewest bytes of elements that stay in the file; fewer are not worth reading again.</summary>
    public const int LeastBytes = 1024;

    // As many as the protobuf parser allows.
    private const int MostNested = 100;

    private readonly IByteSource source;
    private readonly WireScanner scanner;
    private readonly Dictionary<TensorProto, EmbeddedData> data = new(ReferenceEqualityComparer.Instance);
    private byte[] bytes = []; // of what is merged
    private int depth;

    private ModelReader(IByteSource source) => (this.source, scanner) = (source, new(source));

    /// <summary>The model, and the elements that are not in it, by the tensor that they belong to.</summary>
    /// <exception cref="StrataFormatException">The bytes are not a message.</exception>
    /// <exception cref="InvalidProtocolBufferException">A part of it is none.</exception>
    /// <exception cref="ResourceLimitException">What is no tensor has more bytes than an array.</exception>
    public static (ModelProto Model, IReadOnlyDictionary<TensorProto, EmbeddedData> Data) Read(IByteSource source)
    {
        var reader = new ModelReader(source);
        var model = new ModelProto();
        reader.Merge(model, 0, source.Length, number => number switch
        {
            7 => field => model.Graph = reader.Graph(field),
            25 => field => model.Functions.Add(reader.Function(field)),
            _ => null,
        }, single: 1 << 7);
        return (model, reader.data);
    }

    // Numbers are those of fields in onnx.proto.
    private GraphProto Graph(WireField within)
    {
        var graph = new GraphProto();
        return Merge(graph, within.Content, within.End, number => number switch
        {
            1 => field => graph.Node.Add(Node(field)),
            5 => field => graph.Initializer.Add(Tensor(field)),
            _ => null,
        });
    }

    private FunctionProto Function(WireField within)
    {
        var function = new FunctionProto();
        return Merge(function, within.Content, within.End, number => number == 7 ? field => function.Node.Add(Node(field)) : null);
    }

    private NodeProto Node(WireField within)
    {
        var node = new NodeProto();
        return Merge(node, within.Content, within.End, number => number == 5 ? field => node.Attribute.Add(Attribute(field)) : null);
    }

    private AttributeProto Attribute(WireField within)
    {
        var attribute = new AttributeProto();
        return Merge(attribute, within.Content, within.End, number => number switch
        {
            5 => field => attribute.T = Tensor(field),
            6 => field => attribute.G = Graph(field),
            10 => field => attribute.Tensors.Add(Tensor(field)),
            11 => field => attribute.Graphs.Add(Graph(field)),
            _ => null,
        }, single: 1 << 5 | 1 << 6);
    }

    // The last of several raw_data counts. Numbers of several packed fields follow each other: those are left to the parser.
    private TensorProto Tensor(WireField within)
    {
        const int FloatData = 4, RawData = 9, DoubleData = 10;
        var fields = scanner.Fields(within.Content, within.End);
        var tensor = new TensorProto();
        int last = fields.FindLastIndex(f => f is { Number: RawData, IsDelimited: true });
        if (last >= 0)
        {
            bool stays = fields[last].Length >= LeastBytes;
            MergeBut(tensor, within, stays ? fields.FindAll(f => f is { Number: RawData, IsDelimited: true }) : []);
            if (stays) data[tensor] = new(fields[last].Content, fields[last].Length, IsRaw: true);
            return tensor;
        }
        var packed = fields.FindAll(f => f.Number is FloatData or DoubleData);
        if (packed is not [{ IsDelimited: true, Length: >= LeastBytes } only]) MergeBut(tensor, within, []);
        else
        {
            MergeBut(tensor, within, packed);
            var type = (ElementType)tensor.DataType;
            if (only.Number == FloatData ? type is ElementType.Float32 or ElementType.Complex64 && only.Length % 4 == 0 : type is ElementType.Float64 or ElementType.Complex128 && only.Length % 8 == 0)
                data[tensor] = new(only.Content, only.Length, IsRaw: false);
            else MergeRange(tensor, only.Start, only.End);
        }
        return tensor;
    }

    // Merges a message from its bytes. A field that is a message of its own is read by what 'reading' has for its number, if
    // it is long enough to hold elements that stay in the file; one that may occur once is not, where it occurs again.
    private T Merge<T>(T message, long start, long end, Func<int, Action<WireField>?> reading, ulong single = 0) where T : IMessage
    {
        if (++depth > MostNested) throw new StrataFormatException($"at byte {start}: messages nest deeper than {MostNested}");
        var fields = scanner.Fields(start, end);
        ulong seen = 0, again = 0;
        foreach (var field in fields.Where(f => f.Number < 64))
        {
            again |= seen & 1UL << field.Number;
            seen |= 1UL << field.Number;
        }
        long merged = start;
        foreach (var field in fields)
        {
            if (!field.IsDelimited || field.Length < LeastBytes || reading(field.Number) is not { } read || (again & single & 1UL << field.Number) != 0) continue;
            MergeRange(message, merged, field.Start);
            read(field);
            merged = field.End;
        }
        MergeRange(message, merged, end);
        depth--;
        return message;
    }

    private void MergeBut(TensorProto tensor, WireField within, List<WireField> left)
    {
        long merged = within.Content;
        foreach (var field in left)
        {
            MergeRange(tensor, merged, field.Start);
            merged = field.End;
        }
        MergeRange(tensor, merged, within.End);
    }

    private void MergeRange(IMessage message, long start, long end)
    {
        if (start == end) return;
        if (end - start > Array.MaxLength) throw new ResourceLimitException($"{end - start} bytes from byte {start} are no elements of tensors that could stay in the file; at most {Array.MaxLength} can be read");
        int length = (int)(end - start);
        if (bytes.Length < length) bytes = GC.AllocateUninitializedArray<byte>(length);
        source.Read(start, bytes.AsSpan(0, length));
        message.MergeFrom(bytes.AsSpan(0, length));
    }
}
