// Counts requests, and answers each with the number: the default host of ASP.NET Core, which watches its configuration.
// eng/images.sh builds it: a file-based program of its own.
#:sdk Microsoft.NET.Sdk.Web
#:property PublishAot=false
#:property InvariantGlobalization=true
var count = 0;
var app = WebApplication.CreateBuilder(args).Build();
app.MapGet("/", () => $"{Interlocked.Increment(ref count)}\n");
app.Run();
