using System.CommandLine;

var root = new RootCommand("Compiles ONNX models into small, checked, randomly accessible networks, and runs them.");
return root.Parse(args).Invoke();
