namespace Penstock.Sinks.File;

enum Placeholder
{
    None,
    Separator,
    Subject,
    Key,
    Source,
}
