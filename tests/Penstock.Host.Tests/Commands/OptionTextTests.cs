using Penstock.Host.Commands;
using Penstock.Host.Configuration;
using Penstock.Host.Plugins;
using Penstock.Host.Tests.Configuration;

namespace Penstock.Host.Tests.Commands;

public sealed class OptionTextTests
{
    [Theory]
    [InlineData("connection  string, required  Where the server is.")]
    [InlineData("password  secret  The password.")]
    [InlineData("count  integer, default 100  Entries per read.")]
    [InlineData("block  duration, default \"5s\"  Longest wait of a read.")]
    [InlineData("buffer  size, default \"64KiB\"  Read buffer.")]
    [InlineData("mode  consumerGroup|read, default \"consumerGroup\"  How to read.")]
    [InlineData("streams  array, default [\"events\"]  The streams.")]
    [InlineData("key  string  The key field.")]
    [InlineData("tls  object  Switches TLS on.")]
    [InlineData("tls.caFile  string  The certificate authority.")]
    [InlineData("tls.passphrase  secret  The passphrase of the key.")]
    public void An_option_has_name_type_default_and_description(string line) => Assert.Contains(line, Lines(new StreamPlugin()));

    [Fact]
    public void A_schema_that_the_plugin_brings_is_read_alike()
    {
        Assert.Equal(["version  2  The version.", "target  any", "label  string|integer", "token  string"], Lines(new SchemaPlugin<ShapeOptions>(ShapeOptions.Schema)));
        Assert.Equal(
            ["a  object, required", "a.b  integer  Of b."],
            Lines(new SchemaPlugin<ShapeOptions>("""
                { "type": "object", "required": ["a"], "properties": { "a": { "$ref": "#/definitions/inner" } },
                  "definitions": { "inner": { "type": "object", "properties": { "b": { "type": "integer", "description": "Of b." } } } } }
                """)));
    }

    static string[] Lines(PluginDefinition definition)
    {
        var (schema, problem) = PluginSchema.Read(new PluginEntry("p", "1.0.0", "/p.dll") { Definition = definition });
        Assert.Null(problem);
        return [.. OptionText.Of(schema!.Json)];
    }
}
