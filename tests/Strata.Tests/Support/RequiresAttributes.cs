namespace Strata.Tests.Support;

/// <summary>A test attribute that names what the test needs from outside the repository.</summary>
internal interface IRequires
{
    /// <summary>What the test needs.</summary>
    TestSource Needed { get; }
}

/// <summary>
/// A fact that is skipped where a source it needs is missing, or fails there when <c>STRATA_REQUIRE</c> names the source.
/// A test that needs <see cref="TestSource.Shared"/> is listed in <c>tests/allowed-skips.txt</c>.
/// </summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class FactRequiringAttribute : FactAttribute, IRequires
{
    /// <summary>A fact that needs all of <paramref name="needed"/>.</summary>
    public FactRequiringAttribute(TestSource needed)
    {
        Needed = needed;
        Skip = TestData.SkipReason(needed);
    }

    /// <inheritdoc/>
    public TestSource Needed { get; }
}

/// <summary>As <see cref="FactRequiringAttribute"/>, for a theory; its rows are not asked for when it is skipped.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class TheoryRequiringAttribute : TheoryAttribute, IRequires
{
    /// <summary>A theory that needs all of <paramref name="needed"/>.</summary>
    public TheoryRequiringAttribute(TestSource needed)
    {
        Needed = needed;
        Skip = TestData.SkipReason(needed);
    }

    /// <inheritdoc/>
    public TestSource Needed { get; }
}

/// <summary>A fact about files that only Linux's tools make here (hard links, named pipes); skipped elsewhere.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class LinuxFactAttribute : FactAttribute
{
    /// <summary>A fact that is skipped where the system is another.</summary>
    public LinuxFactAttribute() => Skip = OperatingSystem.IsLinux() ? null : "needs Linux";
}
