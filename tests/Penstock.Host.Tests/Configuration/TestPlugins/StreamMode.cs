namespace Penstock.Host.Tests.Configuration;

enum StreamMode
{
    ConsumerGroup = 1,
    Read = 2,
}
