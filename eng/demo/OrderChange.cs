namespace Penstock.Demo;

/// <summary>One committed change of one order: what the writers did and what a line of the file says.</summary>
/// <param name="Order">The primary key.</param>
/// <param name="Kind">insert, update or delete.</param>
/// <param name="Version">Rises by one with every change of the order; a delete has the version it removed.</param>
readonly record struct OrderChange(long Order, string Kind, int Version);
