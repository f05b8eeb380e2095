using Strata.Bitstream.Syntax;
using Strata.Networks;
using Strata.Tensors;

namespace Strata.Bitstream;

/// <summary>Reads what belongs to one layer without the rest of the network.</summary>
internal sealed class LayerReader
{
    private readonly IByteSource source;
    private readonly DecodeOptions options;
    private readonly Prologue prologue;
    private readonly Dictionary<(int Unit, int Level), List<Constant>> parameters = [];

    private LayerReader(IByteSource source, DecodeOptions options) => (this.source, this.options, prologue) = (source, options, FileDirectory.ReadPrologue(source));

    /// <summary>The record of a layer.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such layer.</exception>
    public static LayerRecord Read(IByteSource source, int layer, DecodeOptions options)
    {
        var reader = new LayerReader(source, options);
        if (reader.prologue.HasCodedHeaders)
        {
            var layers = EncodedNetwork.Open(source, options).Layers;
            return layer >= 0 && layer < layers.Count ? layers[layer] : throw new ArgumentOutOfRangeException(nameof(layer), layer, $"{source.Name} has no such layer");
        }
        if (layer < 0 || 2L * layer + 3 >= reader.prologue.EntryCount || reader.Find(layer + 1) is not { } unit)
            throw new ArgumentOutOfRangeException(nameof(layer), layer, $"{source.Name} has no such layer");
        var (syntax, context, constants) = reader.Open(layer + 1, unit, level: 0);
        var (prototype, name) = LayerSyntax.Identify(syntax, context);
        return new(layer, name, options.Operators.NameOf(prototype), unit.Header.Length, unit.Data.Offset, unit.Data.Length, [.. constants.Select(NetworkReader.Describe)]);
    }

    private (DirectoryEntry Header, DirectoryEntry Data)? Find(int unit)
    {
        Span<byte> bytes = stackalloc byte[2 * DirectoryEntry.Size];
        source.Read(Prologue.Size + 2L * unit * DirectoryEntry.Size, bytes);
        var header = DirectoryEntry.Read(bytes, 2 * unit, prologue.FileLength, source.Name);
        var data = DirectoryEntry.Read(bytes[DirectoryEntry.Size..], 2 * unit + 1, prologue.FileLength, source.Name);
        bool isUnit = header.Kind == SectionKind.UnitHeader && data.Kind == SectionKind.UnitData && header.Ordinal == unit && data.Ordinal == unit;
        return isUnit ? (header, data) : null;
    }

    // Reads the owned constants, with which every header but the network's begins.
    private (SyntaxReader Syntax, UnitContext Context, List<Constant> Constants) Open(int unit, (DirectoryEntry Header, DirectoryEntry Data) place, int level)
    {
        var section = source.ReadArrived(place.Header.Offset, place.Header.Length);
        if (Checksum.Of(section) != place.Header.Crc) throw new StrataFormatException($"{source.Name}: the header of unit {unit} is corrupt (checksum)");
        var syntax = new SyntaxReader(section, $"{source.Name}: unit {unit}");
        var constants = new List<Constant>();
        var context = new Context(this, constants, level) { Unit = unit, HeaderBytes = section.Length };
        if (unit == 0) context.SetSymbols(UnitSyntax.Symbols(syntax, []));
        UnitSyntax.Constants(syntax, context, [], c => constants.Add(new EncodedConstant(source, c, place.Data.Offset, place.Data.Length, options.MaxMemory)));
        return (syntax, context, constants);
    }

    // A parameter of a quantised constant that another unit owns; level 1 for those of the layer, 2 for their parameters.
    private Constant ParameterAt(ConstantPlace place, int level)
    {
        if (!parameters.TryGetValue((place.Unit, level), out var constants))
            parameters[(place.Unit, level)] = constants = Open(place.Unit, Find(place.Unit) ?? throw new StrataFormatException($"{source.Name}: unit {place.Unit} does not exist"), level).Constants;
        return Get(constants, place);
    }

    private static Constant Get(List<Constant> constants, ConstantPlace place) => place.Index < constants.Count
        ? constants[place.Index]
        : throw new StrataFormatException($"constant {place.Index} of unit {place.Unit} does not exist");

    private sealed class Context(LayerReader reader, List<Constant> owned, int level) : ReadingContext(reader.options.Operators, reader.prologue.FormatVersion)
    {
        // On level 2 only constants that are not quantised are asked for, so what their neighbours refer to does not matter.
        private static readonly Constant s_any = Constant.Of(Tensor.Scalar(1f));

        public override Constant ConstantAt(ConstantPlace place) => level == 2 ? s_any : place.Unit == Unit ? Get(owned, place) : reader.ParameterAt(place, level + 1);
    }
}
