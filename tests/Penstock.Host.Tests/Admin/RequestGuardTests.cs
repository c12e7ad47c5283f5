using Microsoft.AspNetCore.Http;
using Penstock.Host.Admin;

namespace Penstock.Host.Tests.Admin;

public sealed class RequestGuardTests
{
    [Theory]
    [InlineData("127.0.0.1:9464", null)]
    [InlineData("localhost", null)]
    [InlineData("[::1]:9464", null)]
    [InlineData("evil.example:9464", 403)]
    [InlineData("localhost.evil.example", 403)]
    [InlineData("127.0.0.1.evil.example", 403)]
    [InlineData("", 403)]
    public void Without_a_token_a_request_must_name_the_host_by_an_address(string host, int? status) =>
        Assert.Equal(status, Ask(new Secret(), request => request.Host = new HostString(host)));

    [Theory]
    [InlineData("Bearer sesame", null)]
    [InlineData("bearer sesame", null)]
    [InlineData("Bearer Sesame", 401)]
    [InlineData("Bearer sesam", 401)]
    [InlineData("Bearer sesames", 401)]
    [InlineData("Bearer ", 401)]
    [InlineData("Basic sesame", 401)]
    [InlineData("sesame", 401)]
    [InlineData(null, 401)]
    public void With_a_token_a_request_must_bring_it_whatever_it_calls_the_host(string? header, int? status) =>
        Assert.Equal(status, Ask(new Secret("sesame"), request =>
        {
            request.Host = new HostString("monitoring.example");
            request.Headers.Authorization = header;
        }));

    [Fact]
    public void Two_headers_are_no_token() =>
        Assert.Equal(401, Ask(new Secret("sesame"), request => request.Headers.Authorization = new(["Bearer sesame", "Bearer sesame"])));

    static int? Ask(Secret token, Action<HttpRequest> prepare)
    {
        var context = new DefaultHttpContext();
        prepare(context.Request);
        return new RequestGuard(token).Refuses(context) ? context.Response.StatusCode : null;
    }
}
