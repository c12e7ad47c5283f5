using Microsoft.AspNetCore.Http;

namespace Penstock.Host.Admin;

/// <summary>Sends a page that is complete; to HEAD, all but its body.</summary>
static class AdminAnswer
{
    public static Task WriteAsync(HttpContext context, int status, string contentType, ReadOnlyMemory<byte> body)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = contentType;
        context.Response.ContentLength = body.Length;
        return HttpMethods.IsHead(context.Request.Method) ? Task.CompletedTask : context.Response.Body.WriteAsync(body, context.RequestAborted).AsTask();
    }
}
