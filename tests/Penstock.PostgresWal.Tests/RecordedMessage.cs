namespace Penstock.PostgresWal.Tests;

sealed record RecordedMessage(ulong Lsn, byte[] Bytes)
{
    public char Kind => (char)Bytes[0];
}
