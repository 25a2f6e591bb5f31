// Counts requests, and answers each with the number. eng/images.sh builds it: a file-based program of its own.
#:property PublishAot=false
#:property InvariantGlobalization=true
using System.Net;
using System.Text;

using var listener = new HttpListener();
listener.Prefixes.Add("http://*:8080/");
listener.Start();
for (var count = 1; ; count++)
{
    var context = await listener.GetContextAsync();
    context.Response.Close(Encoding.ASCII.GetBytes($"{count}\n"), willBlock: true);
}
