Console.Error.WriteLine("usage: Strata.Models DIRECTORY");
return 2;
