using System.ComponentModel;
using System.ComponentModel.DataAnnotations;

namespace Penstock.Host.Tests.Configuration;

sealed class StreamOptions
{
    [Description("Where the server is.")]
    public required string Connection { get; init; }

    [Description("The password.")]
    public Secret Password { get; init; }

    [Description("Entries per read.")]
    [Range(1, 1000)]
    public int Count { get; init; } = 100;

    [Description("Longest wait of a read.")]
    [Range(typeof(TimeSpan), "1ms", "1m")]
    public TimeSpan Block { get; init; } = TimeSpan.FromSeconds(5);

    [Description("Read buffer.")]
    public ByteSize Buffer { get; init; } = new(64 << 10);

    [Description("How to read.")]
    public StreamMode Mode { get; init; } = StreamMode.ConsumerGroup;

    [Description("Whether to trim.")]
    public bool Trim { get; init; }

    [Description("A share.")]
    public double Ratio { get; init; } = 0.5;

    [Description("The streams.")]
    [MinLength(1)]
    [MaxLength(3)]
    public IReadOnlyList<string> Streams { get; init; } = ["events"];

    [Description("The key field.")]
    [RegularExpression("[a-z]+")]
    [StringLength(8, MinimumLength = 2)]
    public string? Key { get; init; }

    [Description("Weights by stream.")]
    public IReadOnlyDictionary<string, int> Weights { get; init; } = new Dictionary<string, int>();

    [Description("Switches TLS on.")]
    public StreamTls? Tls { get; init; }

    [Description("No bounds but those of its type.")]
    public int Retries { get; init; }
}
