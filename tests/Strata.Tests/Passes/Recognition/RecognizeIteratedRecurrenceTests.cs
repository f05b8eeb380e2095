using Strata.Passes.Rules.Recognition;
using VerifyXunit;

namespace Strata.Tests.Passes;

public class RecognizeIteratedRecurrenceTests() : RecognitionTest(new RecognizeIteratedRecurrence(), new RecognizeRecurrence())
{
    private const string LstmWeights = """
          const %w : f32[3, 8] = [0.1, 0.2, -0.3, 0.4, 0.5, -0.6, 0.7, 0.8, 0.9, 0.15, 0.25, 0.35, -0.45, 0.55, 0.65, 0.75, -0.85, 0.95, 0.11, 0.21, 0.31, -0.41, 0.51, 0.61]
          const %r : f32[2, 8] = [0.3, -0.2, 0.1, 0.6, 0.5, 0.4, -0.9, 0.8, 0.7, 0.12, 0.13, -0.14, 0.15, 0.16, 0.17, 0.18]
          const %b : f32[8] = [0.5, 0.25, -0.5, 0.75, 1, -1, 0.125, 0]
        """;

    private const string LstmStep = """
          %s0 = gemm(%x, %w, %b)
          %s1 = matmul(%h, %r)
          %s2 = add(%s0, %s1)
          %s3, %s4, %s5, %s6 = split(%s2) {axis = 1, num_outputs = 4}
          %i = sigmoid(%s3)
          %f = sigmoid(%s4)
          %g = tanh(%s5)
          %o = sigmoid(%s6)
          %k = mul(%f, %c)
          %l = mul(%i, %g)
          %d = add(%k, %l)
          %t = tanh(%d)
          %y = mul(%o, %t)
        """;

    private const string GruStep = """
          const %wz : f32[3, 2] = [0.1, 0.2, -0.3, 0.4, 0.5, -0.6]
          const %wr : f32[3, 2] = [0.7, 0.8, 0.9, 0.15, 0.25, 0.35]
          const %wn : f32[3, 2] = [0.45, 0.55, -0.65, 0.75, 0.85, 0.95]
          const %rz : f32[2, 2] = [0.3, 0.2, -0.1, 0.6]
          const %rr : f32[2, 2] = [0.5, -0.4, 0.9, 0.8]
          const %rn : f32[2, 2] = [0.7, 0.12, 0.13, -0.14]
          const %one : f32[] = 1
          %z0 = matmul(%x, %wz)
          %z1 = matmul(%h, %rz)
          %z2 = add(%z0, %z1)
          %z = sigmoid(%z2)
          %r0 = matmul(%x, %wr)
          %r1 = matmul(%h, %rr)
          %r2 = add(%r0, %r1)
          %r = sigmoid(%r2)
          %q = mul(%r, %h)
          %n0 = matmul(%x, %wn)
          %n1 = matmul(%q, %rn)
          %n2 = add(%n0, %n1)
          %n = tanh(%n2)
          %u = sub(%one, %z)
          %p = mul(%u, %n)
          %k = mul(%z, %h)
          %y = add(%p, %k)
        """;

    // A Scan as CNTK writes it, one from the last step on along the middle axis, and a Loop as TorchScript writes it.
    protected override string Firing => $$"""
        input %xs : f32[5, 3, 3]
        input %batch : f32[3, S, 3]
        input %h0 : f32[3, 2]
        input %c0 : f32[3, 2]
        const %four : i64[] = 4
        input %loop : f32[3, 4, 3]
        %last, %cell, %all = scan(%h0, %c0, %xs) {body = network "step" {
          input %h : f32[3, 2]
          input %c : f32[3, 2]
          input %x : f32[3, 3]
          {{LstmWeights}}
          {{LstmStep}}
          output "h" = %y
          output "c" = %d
          output "y" = %y
        }, num_scan_inputs = 1}
        _, %backwards = scan(%h0, %batch) {body = network "step" {
          input %h : f32[3, 2]
          input %x : f32[3, 3]
          {{GruStep}}
          output "h" = %y
          output "y" = %y
        }, num_scan_inputs = 1, scan_input_axes = [1], scan_input_directions = [1], scan_output_axes = [1], scan_output_directions = [1]}
        %after, _, %hidden = loop(%four, _, %c0, %h0, %loop) {body = network "step" {
          input %number : i64[]
          input %condition : bool[]
          input %c : f32[3, 2]
          input %h : f32[3, 2]
          input %inputs : f32[3, 4, 3]
          {{LstmWeights}}
          %x = gather(%inputs, %number) {axis = 1}
          {{LstmStep}}
          output "condition" = %condition
          output "c" = %d
          output "h" = %y
          output "y" = %y
        }, captures = 1}
        output "last" = %last
        output "cell" = %cell
        output "all" = %all
        output "backwards" = %backwards
        output "after" = %after
        output "hidden" = %hidden
        """;

    protected override IReadOnlyList<string> NearMisses =>
    [
        // Stacked the other way round, another stack, other states, and a step that does more.
        Scan("scan_output_directions = [1]"),
        Scan(stack: "%d"),
        Scan(states: ("%d", "%y")),
        Scan(states: ("%v", "%d"), more: "%v = neg(%y)"),
        Scan(stack: "%v", more: "%v = neg(%y)"),
        Scan(states: ("%y", "%v"), more: "%v = neg(%c)\noutput \"d\" = %d"),
        Scan(lengths: "%lengths"),
        // A sequence that may be empty, and one whose rows have no number.
        Scan(sequence: "S"),
        Scan(sequence: "5, N"),
        // A Loop that may end early, over a part of the sequence, or in another order.
        Loop(condition: "%goes"),
        Loop(count: 3),
        Loop(index: "%next"),
        Loop(begins: "%may"),
    ];

    private static string Scan(
        string attributes = "captures = 0", string sequence = "5", string lengths = "_", string stack = "%y", (string H, string C)? states = null, string more = "") => $$"""
        input %xs : f32[{{(sequence.Contains(',') ? sequence : sequence + ", 3")}}, 3]
        input %h0 : f32[3, 2]
        input %c0 : f32[3, 2]
        %last, %cell, %all = scan(%h0, %c0, %xs) {body = network "step" {
          input %h : f32[3, 2]
          input %c : f32[3, 2]
          input %x : f32[3, 3]
          {{Step(lengths)}}
          {{more}}
          output "h" = {{states?.H ?? "%y"}}
          output "c" = {{states?.C ?? "%d"}}
          output "y" = {{stack}}
        }, num_scan_inputs = 1, {{attributes}}}
        output "last" = %last
        output "cell" = %cell
        output "all" = %all
        """;

    private static string Loop(string condition = "%condition", int count = 4, string index = "%number", string begins = "_") => $$"""
        input %xs : f32[3, 4, 3]
        input %h0 : f32[3, 2]
        input %c0 : f32[3, 2]
        input %may : bool[]
        const %count : i64[] = {{count}}
        %last, _, %all = loop(%count, {{begins}}, %h0, %c0, %xs) {body = network "step" {
          input %number : i64[]
          input %condition : bool[]
          input %h : f32[3, 2]
          input %c : f32[3, 2]
          input %inputs : f32[3, 4, 3]
          const %three : i64[] = 3
          {{(index + condition == "%number%condition" ? "" : "%next = sub(%three, %number)")}}
          {{(condition == "%goes" ? "%goes = equal(%next, %three)" : "")}}
          %x = gather(%inputs, {{index}}) {axis = 1}
          {{Step()}}
          output "condition" = {{condition}}
          output "h" = %y
          output "c" = %d
          output "y" = %y
        }, captures = 1}
        output "last" = %last
        output "all" = %all
        """;

    private static string Step(string lengths = "_") => $$"""
          const %w : f32[1, 8, 3] = [{{string.Join(", ", Enumerable.Range(0, 24).Select(static i => i % 5))}}]
          const %r : f32[1, 8, 2] = [{{string.Join(", ", Enumerable.Range(0, 16).Select(static i => i % 3))}}]
          const %axis : i64[1] = [0]
          const %lengths : i32[3] = [1, 0, 1]
          %x1 = unsqueeze(%x, %axis)
          %h1 = unsqueeze(%h, %axis)
          %c1 = unsqueeze(%c, %axis)
          _, %y1, %d1 = lstm(%x1, %w, %r, _, {{lengths}}, %h1, %c1)
          %y = squeeze(%y1, %axis)
          %d = squeeze(%d1, %axis)
        """;

    [Fact]
    public Task Fires() => Verifier.Verify(BeforeAndAfter());
}
