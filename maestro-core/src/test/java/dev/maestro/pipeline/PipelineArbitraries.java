package dev.maestro.pipeline;

import dev.maestro.agent.AgentRequest.Limits;
import dev.maestro.agent.Thinking;
import dev.maestro.approval.Asking;
import dev.maestro.gate.Gate;
import dev.maestro.gate.Gate.CodeGate;
import dev.maestro.gate.Gate.CommandGate;
import dev.maestro.gate.TestCounting;
import dev.maestro.pipeline.Condition.Comparison;
import dev.maestro.pipeline.Condition.Operator;
import dev.maestro.policy.AutonomyLevel;
import dev.maestro.policy.Backoff;
import dev.maestro.policy.Budget;
import dev.maestro.policy.CommandRule;
import dev.maestro.policy.Confidence;
import dev.maestro.policy.EvalGate;
import dev.maestro.policy.FailureWindow;
import dev.maestro.policy.Guardrail;
import dev.maestro.policy.InjectionGuard;
import dev.maestro.policy.Ladder;
import dev.maestro.policy.LoopBreaker;
import dev.maestro.policy.Resume;
import dev.maestro.policy.Retries;
import dev.maestro.policy.TermList;
import dev.maestro.policy.Tiers;
import dev.maestro.policy.Until;
import dev.maestro.policy.WriteGuard;
import dev.maestro.task.Cap;
import dev.maestro.task.Risk;
import dev.maestro.workspace.PathGlobs;
import java.time.Duration;
import java.time.LocalTime;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;

/** Valid pipelines of every shape, with texts that are hard to write down. */
final class PipelineArbitraries {

  private static final List<String> ODD =
      List.of(
          "null",
          "~",
          "true",
          "no",
          "1",
          "0x1F",
          "1_000",
          "1.50",
          "-",
          "- a",
          "# x",
          "a: b",
          "a #b",
          "'",
          "\"",
          "\\",
          "{x}",
          "[x]",
          "*a",
          "&a",
          "!t",
          "|",
          ">",
          "%",
          "@",
          "`",
          "?",
          ",",
          "<<",
          "=",
          " a",
          "a ",
          "a\n",
          "\na",
          "a\n\n",
          " a\n b",
          "a\r\nb",
          "a\rb",
          "\ta",
          "a\tb\n",
          "é",
          "😀",
          "\u0085x",
          "\u2028y",
          "\uFEFFz",
          "\u0001",
          "\u007f",
          "a\n \n",
          "---",
          "...\n",
          "--- a\n",
          "x\n---\ny",
          "2026-01-01",
          "1:30",
          ".inf",
          "a:",
          ":a",
          "}}",
          "{ {",
          "'''",
          "\n",
          " \n",
          "\n ",
          "a\n  b\n c\n",
          "very ".repeat(40),
          "a  b",
          "\u00a0");

  private static final Set<Action.Kind> EACH =
      Set.of(
          Action.Kind.AGENT,
          Action.Kind.COMMAND,
          Action.Kind.CODE,
          Action.Kind.APPROVAL,
          Action.Kind.PIPELINE);

  private PipelineArbitraries() {}

  /** {@return pipelines that pass all checks} */
  static Arbitrary<Pipeline> valid() {
    return Arbitraries.randoms().map(random -> new Draw(random).pipeline());
  }

  /** Draws a pipeline; every step may only look back, so that it is valid by construction. */
  private static final class Draw {

    private final Random random;
    private final List<String> ids = new ArrayList<>();
    private final List<String> agents = new ArrayList<>();
    private final int depth;
    // whether agents say in blocks that they are done, or return JSON: none can do both
    private final boolean blocks;
    private int outputs;

    Draw(Random random) {
      this(random, 0, random.nextBoolean());
    }

    private Draw(Random random, int depth, boolean blocks) {
      this.random = random;
      this.depth = depth;
      this.blocks = blocks;
    }

    Pipeline pipeline() {
      PipelineBuilder builder = Pipeline.named("p" + label());
      fill(builder);
      return builder.build();
    }

    private void fill(PipelineBuilder builder) {
      if (chance()) {
        builder.version("v" + label());
      }
      if (chance()) {
        builder.description(text());
      }
      if (depth == 0 && chance()) {
        builder.timeLimit(duration(1));
      }
      if (chance()) {
        builder.guard(guardrail());
      }
      if (chance()) {
        builder.budget(budget());
      }
      int size = 1 + random.nextInt(depth == 0 ? 6 : 2);
      boolean plans = chance();
      for (int i = 0; i < size; i++) {
        String id = "s" + i + pick("", ".x", "-y", "_Z");
        boolean plan = plans && i == 0;
        builder.step(id, step -> step(id, step, plan));
        ids.add(id);
      }
      if (plans) {
        builder.template("work", this::template);
      }
      // what is inside must use what it is given
      builder.step(
          "uses", s -> s.command("x", "{{ task }}", "{{ in.put }}", "{{ mode }}", "{{ list }}"));
      builder.step("makes", s -> s.code("c", "1").output("made"));
    }

    private void step(String id, StepBuilder step, boolean plan) {
      ids.stream().filter(other -> random.nextInt(3) == 0).forEach(step::after);
      if (plan) {
        step.plan(word()).prompt("{{ task }}" + nonBlank()).template("work");
        agents.add(id);
      } else if (depth < 3 && random.nextInt(5) == 0) {
        inside(step);
      } else {
        action(id, step);
        intercept(step);
      }
      each(id, step);
      when(step);
      if (chance()) {
        step.priority(random.nextInt());
      }
      if (chance()) {
        step.delay(duration(1));
      }
      if (chance()) {
        step.title("t" + label());
      }
    }

    private void each(String id, StepBuilder step) {
      Step one = step.toStep();
      boolean mayBe = one.continues() == null && !agents.contains(id);
      boolean does = EACH.contains(one.action().kind());
      if (!mayBe || !does || !chance()) {
        return;
      }
      step.forEach("{{ list }}");
      if (depth > 0 || chance()) {
        step.as("element" + depth);
      }
      if (chance()) {
        step.parallel(1 + random.nextInt(9));
      }
      switch (random.nextInt(4)) {
        case 0 -> step.failure(Action.Failure.KEEP);
        case 1 -> step.failure(Action.Failure.CANCEL);
        case 2 -> step.quorum(1 + random.nextInt(Action.ForEach.MOST_ELEMENTS));
        default -> {}
      }
    }

    private void intercept(StepBuilder step) {
      if (chance()) {
        step.intercept("audit");
      }
    }

    private void oversee(StepBuilder step) {
      switch (random.nextInt(6)) {
        case 0 -> step.risk(any(Risk.values())).autonomy(any(AutonomyLevel.values()));
        case 1 -> step.signOff(any(Tiers.USUAL, Tiers.MAJOR, Tiers.ALL)).rollback();
        case 2 -> step.review();
        case 3 -> step.asking(new Asking(duration(1), 1 + random.nextInt(3)));
        default -> {}
      }
    }

    private void policies(StepBuilder step) {
      if (chance()) {
        step.confidence(Confidence.atLeast(random.nextFloat()).churn(1 + random.nextInt(99)));
      }
      if (chance()) {
        step.confidence(new Confidence(0.5, 50, new TermList(List.of("hm")), List.of(word())));
      }
      if (chance()) {
        step.attempts(20).ladder(Ladder.of(word(), "b").each(1 + random.nextInt(9)));
      } else if (chance()) {
        step.ladder(Ladder.toPerson());
      }
      if (chance()) {
        step.breaker(new LoopBreaker(1 + random.nextInt(5), 5, 1 + random.nextInt(50)));
      }
      if (chance()) {
        step.fallback(word(), nonBlank()).handOff(1 + random.nextInt(100));
      }
      if (chance()) {
        int least = 1 + random.nextInt(9);
        EvalGate gate = EvalGate.scoredBy(nonBlank()).baseline(least, least + random.nextInt(9));
        step.evalGate(chance() ? gate.failingClosed() : gate.thresholds(0.1, 0.125));
      }
      if (chance()) {
        step.retries(new Retries(random.nextInt(4), random.nextInt(4)));
      }
      if (chance()) {
        step.failureWindow(new FailureWindow(1 + random.nextInt(5), duration(1)));
      }
      if (chance()) {
        LocalTime from = LocalTime.of(random.nextInt(24), random.nextInt(60));
        ZoneId zone = chance() ? ZoneOffset.UTC : ZoneId.of("Europe/Vienna");
        step.resume(chance() ? Resume.ASKING : Resume.between(from, from.plusHours(8), zone));
      }
      if (chance()) {
        step.until(blocks ? Until.block().once() : Until.promise());
      }
    }

    private Guardrail guardrail() {
      return switch (random.nextInt(12)) {
        case 0 -> Guardrail.terms();
        case 1 -> Guardrail.terms(nonBlank(), word());
        case 2 -> Guardrail.paths("src/test/**", "no", "*.x");
        case 3 -> Guardrail.commands();
        case 4 ->
            Guardrail.commands(
                CommandRule.deny(word(), text()).with("f", "force").with("r"),
                CommandRule.ask("git").on(text()));
        case 5 -> Guardrail.writes("src/**").files(random.nextInt(9)).lines(random.nextInt(99));
        case 6 -> WriteGuard.atMostLines(random.nextInt(99));
        case 7 -> chance() ? Guardrail.secrets() : Guardrail.noSecrets();
        case 8 -> Guardrail.injection();
        case 9 -> new InjectionGuard(new TermList(List.of(nonBlank())));
        case 10 -> Guardrail.hosts("docs.oracle.com", "*.example.org");
        default -> Guardrail.tools(word(), text()).deny(word());
      };
    }

    private Budget budget() {
      Budget budget = Budget.of(cap());
      if (chance()) {
        budget = budget.perAttempt(cap().tighter(budget.limit())).launches(random.nextInt(9));
      }
      if (chance()) {
        budget = budget.asks().onBreach(chance() ? Budget.Breach.PAUSE : Budget.Breach.ABORT);
      }
      return chance() ? budget.degradesTo(word()).cutsOutputTo(random.nextInt(100)) : budget;
    }

    private Cap cap() {
      Cap cap = chance() ? Cap.ofTokens(random.nextInt(100_000)) : Cap.ofUsd("0.25");
      return chance() ? cap.time(duration(1)).turns(random.nextInt(9)).toolCalls(3) : cap;
    }

    private void inside(StepBuilder step) {
      if (chance()) {
        step.guard(guardrail());
      }
      if (chance()) {
        step.budget(budget());
      }
      Draw deeper = new Draw(random, depth + 1, blocks);
      if (chance()) {
        step.pipeline(deeper.pipeline());
      } else {
        step.pipeline(deeper::fill);
      }
      step.input("task", text()).input("in.put", "{{ task }}").input("mode", "{{ mode }}" + text());
      step.input("list", "{{ list }}");
      if (chance()) {
        output(step.outputs("made"), "out" + outputs++);
      }
    }

    private void template(StepBuilder step) {
      step.agent(word()).prompt("{{ item.text }}" + nonBlank());
      work(step);
    }

    private void action(String id, StepBuilder step) {
      switch (random.nextInt(5)) {
        case 0 -> agent(id, step);
        case 1 -> work(output(step.command(word(), text(), "{{ in.put }}")));
        case 2 -> output(step.code(word(), label() + "1"));
        case 3 -> step.delay(duration(1));
        default -> step.approval(nonBlank());
      }
    }

    private void agent(String id, StepBuilder step) {
      work(output(step.agent(word()).prompt(nonBlank() + " {{ task }}")));
      if (chance()) {
        step.model(word());
      }
      if (chance()) {
        step.thinking(any(Thinking.values()));
      }
      if (chance() && !agents.isEmpty()) {
        step.continues(agents.remove(random.nextInt(agents.size())));
      }
      agents.add(id);
    }

    private StepBuilder output(StepBuilder step) {
      return random.nextInt(3) == 0 ? step : output(step, "out" + outputs++);
    }

    private StepBuilder output(StepBuilder step, String name) {
      return blocks || random.nextBoolean()
          ? step.output(name)
          : step.output(Output.json(name, Object.class));
    }

    private void work(StepBuilder step) {
      if (chance()) {
        step.attempts(1 + random.nextInt(100));
      }
      if (chance()) {
        step.backoff(
            new Backoff(
                duration(0),
                1 + random.nextInt(3) / 2.0,
                duration(1).plusHours(9),
                random.nextFloat()));
      }
      limits(step);
      if (chance()) {
        step.mergeInto(pick("main", "feature/x", "no", "1.0"));
      }
      if (chance()) {
        step.gate(new CommandGate(text() + "g", List.of(word(), text()), globs(), duration(1)));
      }
      if (chance()) {
        step.gate(Gate.command(word(), "--check")).gate(new CodeGate("code", word(), globs()));
      }
      if (chance()) {
        step.gate(
            Gate.command(word(), "test")
                .keepsTests(
                    chance()
                        ? TestCounting.junit("**/TEST-*.xml", word())
                        : TestCounting.printed("Tests: (?<tests>\\d+)" + word())));
      }
      if (chance()) {
        step.secret("TOKEN").secret("no");
      }
      if (chance()) {
        step.allowNoOp();
      }
      if (chance()) {
        step.guard(guardrail()).guard(Guardrail.terms());
      }
      oversee(step);
      policies(step);
    }

    private void limits(StepBuilder step) {
      Duration silence = duration(1);
      switch (random.nextInt(3)) {
        case 0 -> step.limits(new Limits(silence.plus(duration(0)), silence));
        case 1 -> step.timeout(silence);
        default -> {}
      }
    }

    private void when(StepBuilder step) {
      switch (random.nextInt(4)) {
        case 0 -> step.when(new Comparison("mode", Operator.values()[random.nextInt(3)], text()));
        case 1 -> step.when(new Condition.Predicate(word(), word()));
        default -> {}
      }
    }

    private PathGlobs globs() {
      return chance() ? PathGlobs.of() : PathGlobs.of("src/test/**", "no", "*.x");
    }

    private Duration duration(int atLeast) {
      Duration amount = Duration.ofSeconds(atLeast + random.nextInt(20_000));
      return switch (random.nextInt(3)) {
        case 0 -> amount.plusNanos(random.nextInt(1_000_000_000));
        case 1 -> amount.plusMillis(random.nextInt(1000));
        default -> amount;
      };
    }

    private String nonBlank() {
      return "x" + text();
    }

    private String text() {
      String text = pick("", pick(ODD.toArray(String[]::new)), "plain words");
      String all = chance() ? text + pick(ODD.toArray(String[]::new)) : text;
      return all.replace("{%", "{ %").replace("{{", "{ {");
    }

    /** One line, so no control characters. */
    private String label() {
      String line = text().replaceAll("[\\p{Cntrl}\\u0085]", "").strip();
      return line.substring(0, Math.min(100, line.length()));
    }

    private String word() {
      return pick("tester", "no", "1", "null", "a: b", "'q'", "ünï", "x y");
    }

    @SafeVarargs
    private <T> T any(T... ones) {
      return ones[random.nextInt(ones.length)];
    }

    private String pick(String... texts) {
      return texts[random.nextInt(texts.length)];
    }

    private boolean chance() {
      return random.nextInt(3) == 0;
    }
  }
}
