namespace Penstock.Runtime.Tests.Model;

/// <summary>Plays a plan over real files, then lets everything come to its end.</summary>
static class RandomRun
{
    const int StepsToTheEnd = 20_000;

    /// <summary>The steps that were taken, and the invariant that did not hold.</summary>
    public static (List<Step> Steps, Violation? Violation) Play(RandomPlan plan, Mutant mutant) => StepContext.Run(context =>
    {
        using var disk = new RealDisk();
        var steps = new List<Step>();
        try
        {
            Play(plan, mutant, disk, context, steps);
            return (steps, null);
        }
        catch (Violation violation)
        {
            return (steps, (Violation?)violation);
        }
    });

    static void Play(RandomPlan plan, Mutant mutant, RealDisk disk, StepContext context, List<Step> steps)
    {
        var world = new World(plan.Scope, new SourceLog(plan.Scope, mutant));
        var player = new Player(world, disk, mutant, context);
        foreach (var choice in plan.Choices)
        {
            var possible = player.Next();
            if (possible.Count == 0)
            {
                break;
            }

            player = Take(RandomPlan.Choose(possible, choice));
        }

        for (var turn = 0; player.Next().FindAll(step => !step.IsFromOutside) is { Count: > 0 } possible; turn++)
        {
            Violation.Unless(turn < StepsToTheEnd, "I6", $"it never comes to its end");
            player = Take(possible[turn % possible.Count]);
        }

        Violation.Unless(player.IsComplete, "I6", $"it ends, and not all is delivered and checkpointed");

        Player Take(Step step)
        {
            steps.Add(step);
            player.Take(step);
            return step.EndsHost ? new Player(world, disk, mutant, context, player.HasReplayed) : player;
        }
    }
}
