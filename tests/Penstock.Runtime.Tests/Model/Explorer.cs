using System.Collections.Concurrent;

namespace Penstock.Runtime.Tests.Model;

/// <summary>
/// Goes through every order of steps, breadth first, so that the first violation has the shortest way there. Production objects cannot be copied: each
/// step is taken by objects made anew, after all the steps since their host began. States with the same fingerprint are visited once.
/// </summary>
sealed class Explorer(Scope scope, Mutant mutant = Mutant.None)
{
    readonly ConcurrentDictionary<UInt128, bool> _seen = [];
    readonly ConcurrentBag<MemoryDisk> _disks = [];
    long _steps;
    long _complete;

    public Exploration Run()
    {
        try
        {
            return Explore();
        }
        finally
        {
            foreach (var disk in _disks)
            {
                disk.Dispose();
            }
        }
    }

    Exploration Explore()
    {
        var began = TimeProvider.System.GetTimestamp();
        var root = new World(scope, new SourceLog(scope, mutant));
        var found = WithDisk((disk, context) => new[] { Visit(null, default, root, [], disk, context, false) });
        var depth = 0;
        while (found.Length > 0 && !Array.Exists(found, node => node?.Violation is not null))
        {
            depth++;
            var level = found;
            var next = new Node?[level.Length][];
            Parallel.ForEach(Partitioner.Create(0, level.Length, Math.Max(1, Math.Min(256, level.Length / 8))), range => WithDisk((disk, context) =>
            {
                for (var i = range.Item1; i < range.Item2; i++)
                {
                    next[i] = Expand(level[i]!, disk, context);
                }

                return 0;
            }));
            found = [.. next.SelectMany(nodes => nodes).Where(node => node is not null)];
        }

        return new Exploration(
            _seen.Count, Volatile.Read(ref _steps), depth, Volatile.Read(ref _complete), TimeProvider.System.GetElapsedTime(began), Array.Find(found, node => node!.Violation is not null));
    }

    Node?[] Expand(Node node, MemoryDisk disk, StepContext context)
    {
        var path = node.SinceStart();
        return Array.ConvertAll(node.Next, step =>
        {
            Interlocked.Add(ref _steps, path.Length + 1);
            return Visit(node, step, node.Start, path, disk, context, node.IsReplayed);
        });
    }

    // The node that the step leads to, or null when it is known already.
    Node? Visit(Node? from, Step step, World start, Step[] path, MemoryDisk disk, StepContext context, bool isReplayed)
    {
        var world = start.Copy();
        var isReached = false;
        try
        {
            context.Clear();
            var player = new Player(world, disk, mutant, context, isReplayed);
            foreach (var before in path)
            {
                player.Take(before, isKnown: true);
            }

            isReached = true;
            if (from is not null)
            {
                player.Take(step);
            }

            if (step.EndsHost)
            {
                isReplayed = player.HasReplayed;
                start = world.Copy();
                player = new Player(world, disk, mutant, context, isReplayed);
            }

            if (!_seen.TryAdd(Fingerprint.Of(player), true))
            {
                return null;
            }

            Interlocked.Add(ref _complete, player.IsComplete && world.Confirmed == world.Log.Last ? 1 : 0);
            return new Node(from, step, start, [.. player.Next()]) { IsReplayed = isReplayed };
        }
        catch (Violation violation) when (isReached)
        {
            return new Node(from, step, start, []) { Violation = violation };
        }
    }

    T WithDisk<T>(Func<MemoryDisk, StepContext, T> body)
    {
        var disk = _disks.TryTake(out var free) ? free : new MemoryDisk();
        try
        {
            return StepContext.Run(context => body(disk, context));
        }
        finally
        {
            _disks.Add(disk);
        }
    }
}
