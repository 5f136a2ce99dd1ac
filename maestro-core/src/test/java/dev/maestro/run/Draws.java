package dev.maestro.run;

import dev.maestro.approval.Asking;
import dev.maestro.pipeline.Pipeline;
import dev.maestro.pipeline.Step;
import dev.maestro.policy.Budget;
import dev.maestro.policy.FailureWindow;
import dev.maestro.policy.Oversight;
import dev.maestro.task.Cap;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;

/** Random pipelines: every kind of step, on any earlier ones, declared forwards or backwards. */
final class Draws {

  private static final Duration DELAY = Duration.ofSeconds(5);

  /** Nothing in them ends a run by itself; a launch of a walk uses up 110 tokens and a cent. */
  private static final List<Budget> BUDGETS =
      List.of(
          Budget.ofTokens(500).perAttempt(Cap.ofTokens(150)),
          Budget.usd("0.02").asks(),
          Budget.ofTokens(250).perAttempt(Cap.ofTokens(120)).degradesTo("small"),
          Budget.ofTokens(300).perAttempt(Cap.ofTokens(60)).pauses().degradesTo("small"),
          Budget.of(Cap.NONE.launches(2)),
          Budget.usd("0.05").perAttempt(Cap.ofUsd("0.01")).time(Duration.ofMinutes(1)));

  private Draws() {}

  /** One step to be; numbers are taken modulo what there is to choose from. */
  record Draw(
      int kind,
      List<Integer> after,
      int when,
      int attempts,
      int priority,
      boolean merges,
      boolean gated,
      boolean waits,
      int each) {

    static Draw of(
        int kind,
        List<Integer> after,
        int when,
        int attempts,
        int priority,
        boolean merges,
        boolean gated,
        int rest) {
      return new Draw(
          kind, after, when, attempts, priority, merges, gated, rest % 2 == 1, rest / 2);
    }
  }

  static Arbitrary<Pipeline> pipelines() {
    Arbitrary<Draw> draw =
        Combinators.combine(
                Arbitraries.integers().between(0, 8),
                Arbitraries.integers().between(0, 20).list().ofMaxSize(3),
                Arbitraries.integers().between(0, 7),
                Arbitraries.integers().between(1, 4),
                Arbitraries.integers().between(1, 3),
                Arbitraries.of(false, false, true),
                Arbitraries.of(false, true),
                Arbitraries.integers().between(0, 39))
            .as(Draw::of);
    return Combinators.combine(
            draw.list().ofMinSize(1).ofMaxSize(9), draw, Arbitraries.of(false, true))
        .as(Draws::pipeline);
  }

  static Arbitrary<List<Integer>> choices(int max) {
    return Arbitraries.integers().between(0, Integer.MAX_VALUE).list().ofMaxSize(max);
  }

  static Pipeline pipeline(Random random) {
    List<Draw> draws =
        IntStream.rangeClosed(0, random.nextInt(9)).mapToObj(i -> draw(random)).toList();
    return pipeline(draws, draw(random), random.nextBoolean());
  }

  private static Draw draw(Random random) {
    List<Integer> after = random.ints(random.nextInt(4), 0, 20).boxed().toList();
    return new Draw(
        random.nextInt(9),
        after,
        random.nextInt(8),
        1 + random.nextInt(4),
        1 + random.nextInt(3),
        random.nextInt(3) == 0,
        random.nextBoolean(),
        random.nextBoolean(),
        random.nextInt(20));
  }

  private static Pipeline pipeline(List<Draw> draws, Draw template, boolean backwards) {
    List<Step> steps = new ArrayList<>();
    for (int i = 0; i < draws.size(); i++) {
      Draw draw = draws.get(i);
      int before = i;
      String[] after =
          draw.after().stream()
              .filter(any -> before > 0)
              .map(n -> "s" + n % before)
              .distinct()
              .toArray(String[]::new);
      Steps step = dress(step("s" + i, draw.kind(), draws), draw).after(after).output("o" + i);
      if (draw.when() == 1) {
        step.whenContains(after.length == 0 ? "topic" : after[0].replace('s', 'o'), "yes");
      } else if (draw.when() == 2) {
        step.whenPredicate();
      }
      steps.add(step.build());
    }
    if (backwards) {
      Collections.reverse(steps);
    }
    List<Step> templates = templates(template);
    return template.each() % 3 == 0
        ? Steps.within(BUDGETS.get(template.each() % BUDGETS.size()), steps, templates)
        : Steps.pipeline(steps, templates);
  }

  private static List<Step> templates(Draw template) {
    Step line = dress(step("line", template.kind() % 4, List.of(template)), template).build();
    Step nested = dress(Steps.plan("nested", "line"), template).build();
    return List.of(line, nested);
  }

  /** A few of the same draws again, so that what is inside differs from what is around. */
  private static Steps inside(String id, List<Draw> draws) {
    List<Draw> few = draws.subList(draws.size() - Math.min(3, draws.size() / 2), draws.size());
    Pipeline inside = pipeline(few, few.get(0), few.get(0).gated());
    return few.size() % 2 == 0
        ? Steps.pipeline(id, inside, Map.of("topic", "{{ topic }}"), "o0")
        : Steps.pipeline(id, inside, Map.of("topic", "yes"), "o0", "o0");
  }

  private static Steps step(String id, int kind, List<Draw> around) {
    return switch (kind) {
      case 0 -> Steps.agent(id);
      case 1 -> Steps.command(id);
      case 2 -> Steps.code(id);
      case 3 -> Steps.approval(id);
      case 4 -> Steps.plan(id, "line");
      case 5 -> Steps.waiting(id, DELAY);
      case 6 -> Steps.plan(id, "nested");
      default -> around.size() > 1 ? inside(id, around) : Steps.code(id);
    };
  }

  private static Steps dress(Steps step, Draw draw) {
    if (draw.each() % 4 == 3 && step.mayLaunch()) {
      step.budget(BUDGETS.get(draw.each() / 4 % BUDGETS.size()));
      if (draw.gated()) {
        step.failureWindow(new FailureWindow(2, Duration.ofSeconds(3)));
      }
    }
    if (step.isPipeline()) {
      return each(step.priority(draw.priority()), draw);
    }
    step.attempts(draw.attempts()).priority(draw.priority());
    if (draw.priority() == 3 && draw.waits()) {
      step.delay(DELAY);
    }
    if (draw.merges() && !step.onlyWaits()) {
      step.mergeInto("main");
    }
    if (draw.gated()) {
      step.gated();
    }
    if (draw.when() == 6) {
      step.oversight(Oversight.NONE.reviewed());
    } else if (draw.when() == 7) {
      step.oversight(Oversight.NONE.asking(Asking.DEFAULT.quorum(2)));
    }
    return each(draw.waits() ? step.backoff(Duration.ofSeconds(10)) : step, draw);
  }

  /** Some steps go over a list, with every policy. */
  private static Steps each(Steps step, Draw draw) {
    if (draw.each() >= 4 || step.onlyWaits() || step.isPlan()) {
      return step;
    }
    step.forEach("list");
    if (draw.each() % 2 == 0) {
      step.parallel(1 + draw.each() / 2);
    }
    return switch (draw.each() % 3) {
      case 0 -> step;
      case 1 -> step.keep();
      default -> step.quorum(2);
    };
  }
}
