using Microsoft.Extensions.DependencyInjection;
using Penstock.Host;
using Penstock.Host.Commands;

using var host = HostComposition.Build();
return await host.Services.GetRequiredService<CommandLine>().InvokeAsync(args);
