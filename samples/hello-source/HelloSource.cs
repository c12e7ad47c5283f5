using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Runtime.CompilerServices;
using System.Text;
using Penstock;

[assembly: Plugin("hello", typeof(HelloPlugin))]

public sealed class HelloOptions
{
    [Description("How many greetings to send."), Range(1, 1_000_000)]
    public int Count { get; init; } = 3;

    [Description("Whom to greet.")]
    public string Name { get; init; } = "world";
}

public sealed class HelloPlugin : SourcePlugin<HelloOptions>
{
    public override string Summary => "Greets a number of times, and is done.";

    public override IReadOnlyList<SourceTraits> Modes => [HelloSource.Promise];

    public override IChangeSource Create(HelloOptions options, SourceContext context) => new HelloSource(options);
}

sealed class HelloSource(HelloOptions options) : IChangeSource
{
    static readonly RowSchema Greeting = new(new RowField("greeting", FieldType.Text, isKey: false));

    // The n-th greeting is always the same one, so a restart goes on where the checkpoint is.
    public static SourceTraits Promise { get; } = new()
    {
        Guarantee = DeliveryGuarantee.AtLeastOnce,
        CanReplay = true,
        PositionOrder = PositionOrder.Partition,
        Loss = "nothing",
        Order = "as counted",
    };

    public SourceTraits Traits => Promise;

    public async IAsyncEnumerable<SourceMessage> ReadAsync(
        IReadOnlyList<Watermark> resumeAfter, [EnumeratorCancellation] CancellationToken stopReading)
    {
        var rows = new RowBuilder();
        var last = resumeAfter.Count == 0 ? 0 : (int)resumeAfter[0].Position.Order;
        for (var number = last + 1; number <= options.Count && !stopReading.IsCancellationRequested; number++)
        {
            var position = new SourcePosition("", (UInt128)number);
            rows.Begin(Greeting);
            rows.Append(Encoding.UTF8.GetBytes($"Hello {options.Name}, for the {number}. time"));
            yield return new ChangeEvent { Kind = ChangeKind.Message, Subject = "hello", Position = position, After = rows.Build() };
            yield return new Watermark(position);
            await Task.Yield();
        }
    }

    // Nobody waits for the news that greetings arrived.
    public ValueTask AcknowledgeAsync(IReadOnlyList<Watermark> reached, CancellationToken cancellationToken) => default;

    public ValueTask DisposeAsync() => default;
}
