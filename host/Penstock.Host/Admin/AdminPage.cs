using Microsoft.AspNetCore.Http;

namespace Penstock.Host.Admin;

/// <summary>Writes one page: status, content type and body.</summary>
delegate Task AdminPage(HttpContext context);
