namespace Penstock.Demo;

/// <summary>A mistake put into the delivered file on purpose, to show that the judge sees it.</summary>
enum Plant
{
    None,
    Loss,
    Duplicate,
    Disorder,
}
