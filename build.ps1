<#
.SYNOPSIS
    Names for the command lines of this repository; each target is one dotnet command line.
.EXAMPLE
    ./build.ps1 build
.EXAMPLE
    ./build.ps1 test -Isa scalar
#>
param(
    [Parameter(Position = 0)]
    [ValidateSet('build', 'test', 'sample', 'pack', 'publish', 'aot', 'fuzz', 'format')]
    [string] $Target = 'build',

    # The instruction-set level that tests run at; 'native' is whatever the processor has.
    [ValidateSet('native', 'v256', 'v128', 'scalar')]
    [string] $Isa = 'native'
)

$ErrorActionPreference = 'Stop'
Set-Location $PSScriptRoot

$commands = @{
    build   = 'dotnet build -c Release -warnaserror'
    test    = 'dotnet test'
    sample  = 'dotnet run -c Release --project compiler/Strata.Cli -- compile models/mobilenet.onnx -o out.strata'
    pack    = 'dotnet pack'
    publish = 'dotnet publish compiler/Strata.Cli -r linux-x64 -o artifacts/publish'
    aot     = 'dotnet publish tests/Strata.AotSample -r linux-x64 -o artifacts/aot'
    fuzz    = 'dotnet run -c Release --project tests/Strata.Fuzz'
    format  = 'dotnet format --verify-no-changes'
}

# The runtime switch of each level; STRATA_ISA lets a test check that the switch did what it says.
$switches = @{
    v256   = 'DOTNET_EnableAVX512'
    v128   = 'DOTNET_EnableAVX2'
    scalar = 'DOTNET_EnableHWIntrinsic'
}

$saved = @{}
try {
    if ($Isa -ne 'native') {
        foreach ($pair in @{ $switches[$Isa] = '0'; STRATA_ISA = $Isa }.GetEnumerator()) {
            $saved[$pair.Key] = [Environment]::GetEnvironmentVariable($pair.Key)
            [Environment]::SetEnvironmentVariable($pair.Key, $pair.Value)
        }
    }
    Invoke-Expression $commands[$Target]
    exit $LASTEXITCODE
}
finally {
    foreach ($pair in $saved.GetEnumerator()) {
        if ($null -eq $pair.Value) { Remove-Item "Env:$($pair.Key)" }
        else { [Environment]::SetEnvironmentVariable($pair.Key, $pair.Value) }
    }
}
