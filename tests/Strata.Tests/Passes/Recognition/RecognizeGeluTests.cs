using Strata.Passes.Rules.Recognition;
using VerifyXunit;

namespace Strata.Tests.Passes;

public class RecognizeGeluTests() : RecognitionTest(new RecognizeGelu())
{
    // PyTorch, TensorFlow (the half last, and distributed), GPT-2, Flax, and the sigmoid form.
    protected override string Firing => """
        input %x : f32[N, 3, 4]
        input %a : f32[N, 3, 4]
        input %h : f16[8]
        const %root2 : f32[] = 1.4142135
        const %over2 : f32[] = 0.70710677
        const %half : f32[] = 0.5
        const %one : f32[1] = [1]
        const %two : f32[] = 2
        const %three : f32[] = 3
        const %cube : f32[] = 0.044715
        const %scale : f32[] = 0.7978845608
        const %scale2 : f32[] = 1.5957691
        const %root2h : f16[] = 1.4142
        const %oneh : f16[] = 1
        const %halfh : f16[] = 0.5

        %sum = add(%x, %a)
        %p1 = div(%sum, %root2)
        %p2 = erf(%p1)
        %p3 = add(%p2, %one)
        %p4 = mul(%sum, %p3)
        %torch = mul(%p4, %half)

        %t1 = mul(%over2, %x)
        %t2 = erf(%t1)
        %t3 = add(%one, %t2)
        %t4 = mul(%half, %t3)
        %tensorflow = mul(%t4, %x)

        %d1 = div(%x, %root2)
        %d2 = erf(%d1)
        %d3 = mul(%x, %d2)
        %d4 = add(%d3, %x)
        %distributed = div(%d4, %two)

        %g1 = pow(%x, %three)
        %g2 = mul(%g1, %cube)
        %g3 = add(%x, %g2)
        %g4 = mul(%g3, %scale)
        %g5 = tanh(%g4)
        %g6 = add(%g5, %one)
        %g7 = mul(%x, %half)
        %gpt2 = mul(%g7, %g6)

        %f1 = mul(%x, %x)
        %f2 = mul(%f1, %cube)
        %f3 = add(%one, %f2)
        %f4 = mul(%x, %scale)
        %f5 = mul(%f4, %f3)
        %f6 = tanh(%f5)
        %f7 = add(%f6, %one)
        %f8 = mul(%f7, %half)
        %flax = mul(%x, %f8)

        %s1 = pow(%x, %three)
        %s2 = mul(%s1, %cube)
        %s3 = add(%x, %s2)
        %s4 = mul(%scale2, %s3)
        %s5 = sigmoid(%s4)
        %logistic = mul(%x, %s5)

        %h1 = div(%h, %root2h)
        %h2 = erf(%h1)
        %h3 = add(%h2, %oneh)
        %h4 = mul(%h, %h3)
        %narrow = mul(%h4, %halfh)
        output "torch" = %torch
        output "tensorflow" = %tensorflow
        output "distributed" = %distributed
        output "gpt2" = %gpt2
        output "flax" = %flax
        output "logistic" = %logistic
        output "narrow" = %narrow
        """;

    // f16 rounds each of the five steps to 1/2048.
    protected override double Bound => 3e-3;

    protected override IReadOnlyList<string> NearMisses =>
    [
        Exact(root2: "1.414"),
        Exact(one: "f32[] = 2"),
        Exact(one: "f32[1, 1] = [1]"), // enlarges x
        Exact(one: "f32[3] = [1, 1, 1]"),
        Exact(one: "f32[1] = [1]", x: "f32[*]"),
        Exact(half: "0.25"),
        Exact(factor: "%a"),
        Exact(also: "output \"erf\" = %e"),
        Exact(also: "output \"sum\" = %s"),
        // The inner approximation with the cube's factor outside of the sum.
        """
        input %x : f32[3]
        const %cube : f32[] = 0.044715
        const %scale : f32[] = 0.7978846
        const %three : f32[] = 3
        const %one : f32[] = 1
        const %half : f32[] = 0.5
        %a = pow(%x, %three)
        %b = add(%x, %a)
        %c = mul(%b, %cube)
        %d = mul(%c, %scale)
        %e = tanh(%d)
        %f = add(%e, %one)
        %g = mul(%x, %half)
        %h = mul(%f, %g)
        output "h" = %h
        """,
    ];

    private static string Exact(string root2 = "1.4142135", string one = "f32[] = 1", string half = "0.5", string factor = "%x", string also = "", string x = "f32[3]") => $"""
        input %x : {x}
        input %a : f32[3]
        const %root2 : f32[] = {root2}
        const %one : {one}
        const %half : f32[] = {half}
        %d = div(%x, %root2)
        %e = erf(%d)
        %s = add(%e, %one)
        %m = mul({factor}, %s)
        %y = mul(%m, %half)
        output "y" = %y
        {also}
        """;

    [Fact]
    public Task Fires() => Verifier.Verify(BeforeAndAfter());
}
