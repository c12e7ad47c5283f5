using System.Net;
using System.Net.Sockets;

namespace Penstock.TestServers;

/// <summary>Stands before a server on loopback and plays the network: forwards, cuts, or swallows.</summary>
/// <remarks>
/// A swallowed connection stays open and dead for good, as behind a firewall that forgot it: neither bytes nor its end get through,
/// and healing helps only the connections that come later.
/// </remarks>
public sealed class TcpProxy : IAsyncDisposable
{
    readonly int _targetPort;
    readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    readonly HashSet<Link> _links = [];
    readonly Lock _gate = new();
    readonly Task _accepting;
    Link? _last;
    long _untilCut = long.MaxValue;
    int _accepted;
    long _delay;
    bool _swallows;
    volatile bool _cutsAnswersOnly;

    public TcpProxy(int targetPort)
    {
        _targetPort = targetPort;
        _listener.Start();
        Port = ((IPEndPoint)_listener.LocalEndpoint).Port;
        _accepting = AcceptAsync();
    }

    public int Port { get; }

    /// <summary>The address as host:port.</summary>
    public string Endpoint => $"127.0.0.1:{Port}";

    /// <summary>How many connections were accepted so far.</summary>
    public int Accepted => Volatile.Read(ref _accepted);

    /// <summary>How much longer everything takes from one end to the other: the network of a server far away.</summary>
    public TimeSpan Delay
    {
        get => TimeSpan.FromTicks(Interlocked.Read(ref _delay));
        set => Interlocked.Exchange(ref _delay, value.Ticks);
    }

    /// <summary>Resets every connection once so many more bytes went through, in the middle of what is being said; new ones are forwarded.</summary>
    public void CutAfter(int bytes) => CutAfter(bytes, answersOnly: false);

    /// <summary>As the other one, counting the server's bytes alone: what it was asked for it has done by then.</summary>
    public void CutAnswerAfter(int bytes) => CutAfter(bytes, answersOnly: true);

    /// <summary>Resets every connection; new ones are forwarded. Returns how many there were.</summary>
    public int CutAll()
    {
        lock (_gate)
        {
            var alive = _links.Count(link => !link.IsSwallowed);
            foreach (var link in _links)
            {
                link.Cut();
            }

            _links.Clear();
            return alive;
        }
    }

    /// <summary>Swallows every connection and every new one. Returns how many there were.</summary>
    public int Blackhole()
    {
        lock (_gate)
        {
            _swallows = true;
            var alive = _links.Count(link => !link.IsSwallowed);
            foreach (var link in _links)
            {
                link.IsSwallowed = true;
            }

            return alive;
        }
    }

    /// <summary>Swallows the connection that was accepted last; the others and new ones are forwarded.</summary>
    public void SwallowLast()
    {
        lock (_gate)
        {
            _last!.IsSwallowed = true;
        }
    }

    /// <summary>Says something to the server on every connection, in the client's name.</summary>
    public void SendToServer(byte[] bytes)
    {
        lock (_gate)
        {
            foreach (var link in _links)
            {
                link.SendToServer(bytes);
            }
        }
    }

    /// <summary>Forwards new connections again.</summary>
    public void Heal()
    {
        lock (_gate)
        {
            _swallows = false;
        }
    }

    public async ValueTask DisposeAsync()
    {
        _listener.Stop();
        CutAll();
        await _accepting;
        _listener.Dispose();
    }

    void CutAfter(int bytes, bool answersOnly)
    {
        _cutsAnswersOnly = answersOnly;
        Interlocked.Exchange(ref _untilCut, bytes);
    }

    // How many of these bytes may pass: fewer than asked for at the one moment when the cut is due.
    int Allow(int length, bool isAnswer)
    {
        if (Volatile.Read(ref _untilCut) == long.MaxValue || (_cutsAnswersOnly && !isAnswer))
        {
            return length;
        }

        var left = Interlocked.Add(ref _untilCut, -length);
        if (left >= 0)
        {
            return length;
        }

        Interlocked.Exchange(ref _untilCut, long.MaxValue);
        return (int)Math.Max(0, length + left);
    }

    async Task AcceptAsync()
    {
        while (true)
        {
            try
            {
                var client = await _listener.AcceptSocketAsync();
                Interlocked.Increment(ref _accepted);
                _ = ServeAsync(client);
            }
            catch (Exception e) when (e is SocketException or ObjectDisposedException)
            {
                return;
            }
        }
    }

    async Task ServeAsync(Socket client)
    {
        var link = new Link(this, client);
        lock (_gate)
        {
            link.IsSwallowed = _swallows;
            _links.Add(link);
            _last = link;
        }

        await link.RunAsync(_targetPort);
        if (!link.IsSwallowed)
        {
            lock (_gate)
            {
                _links.Remove(link);
            }
        }
    }

    sealed class Link(TcpProxy proxy, Socket client) : IDisposable
    {
        readonly Socket _server = new(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        volatile bool _isSwallowed;

        public bool IsSwallowed
        {
            get => _isSwallowed;
            set => _isSwallowed = value;
        }

        public async Task RunAsync(int targetPort)
        {
            if (IsSwallowed)
            {
                return;
            }

            try
            {
                client.NoDelay = true;
                await _server.ConnectAsync(IPAddress.Loopback, targetPort);
                await Task.WhenAny(PassAsync(client, _server), PassAsync(_server, client));
            }
            catch (Exception e) when (e is SocketException or ObjectDisposedException)
            {
                // One end is gone: so is the other, below.
            }

            if (!IsSwallowed)
            {
                Dispose();
            }
        }

        public void SendToServer(byte[] bytes) => _server.Send(bytes);

        /// <summary>Ends both sides with a reset, not with an orderly end.</summary>
        public void Cut()
        {
            try
            {
                client.LingerState = new LingerOption(enable: true, seconds: 0);
                _server.LingerState = new LingerOption(enable: true, seconds: 0);
            }
            catch (Exception e) when (e is SocketException or ObjectDisposedException)
            {
                // It ended by itself.
            }

            Dispose();
        }

        public void Dispose()
        {
            client.Dispose();
            _server.Dispose();
        }

        async Task PassAsync(Socket from, Socket to)
        {
            var buffer = new byte[64 * 1024];
            while (true)
            {
                var length = await from.ReceiveAsync(buffer);
                if (IsSwallowed)
                {
                    // Unread from here on, as by a peer that is no longer there.
                    await Task.Delay(Timeout.Infinite);
                }

                if (length == 0)
                {
                    return;
                }

                if (proxy.Delay > TimeSpan.Zero)
                {
                    await Task.Delay(proxy.Delay);
                }

                var passing = proxy.Allow(length, isAnswer: from == _server);
                for (var sent = 0; sent < passing;)
                {
                    sent += await to.SendAsync(buffer.AsMemory(sent, passing - sent));
                }

                if (passing < length)
                {
                    proxy.CutAll();
                }
            }
        }
    }
}
