using Strata.Cli;

using var cancel = new CancellationTokenSource();
Console.CancelKeyPress += (_, press) =>
{
    // The first Ctrl-C asks; a second one, when nobody answers, ends the process.
    press.Cancel = !cancel.IsCancellationRequested;
    cancel.Cancel();
};
using var terminal = Terminal.OfProcess();
return CommandLine.Run(args, terminal, cancel.Token);
