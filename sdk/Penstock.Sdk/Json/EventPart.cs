namespace Penstock;

/// <summary>The names of the native format, as the reader looks for them.</summary>
enum EventPart
{
    Version,
    Id,
    Source,
    Delivery,
    Subject,
    Kind,
    Key,
    KeyBase64,
    Before,
    After,
    Unchanged,
    Nulls,
    BeforeNulls,
    Base64,
    Position,
    OccurredAt,
    Transaction,
    Headers,
}
