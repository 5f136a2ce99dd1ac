package dev.maestro.testing;

import dev.maestro.Maestro;
import dev.maestro.Run;
import dev.maestro.RunResult;
import dev.maestro.agent.Capability;
import dev.maestro.approval.Answer;
import dev.maestro.failure.ErrorClass;
import dev.maestro.gate.Gate;
import dev.maestro.gate.GateCheck;
import dev.maestro.pipeline.Action;
import dev.maestro.pipeline.Inputs;
import dev.maestro.pipeline.Pipeline;
import dev.maestro.policy.Backoff;
import dev.maestro.run.RunEventCodec;
import dev.maestro.run.Task;
import dev.maestro.store.Envelope;
import dev.maestro.store.InMemoryStore;
import dev.maestro.task.Actor;
import dev.maestro.task.Money;
import dev.maestro.task.RunId;
import dev.maestro.task.Usage;
import dev.maestro.workspace.DirectoryWorkspaces;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Writes down, event for event, what becomes of a run for which nothing is switched on.
 *
 * <p>{@code bare-engine.txt} among the resources was written by it when there were no policies yet;
 * so it says only what could be said then.
 */
final class BareEngineMain {

  private static final Usage CENT = Usage.of(100, 10, Money.usd("0.01"));
  private static final String PLAN = "```tasks\n- [ ] T001: one | File: a\n- [ ] T002: two\n```\n";

  private BareEngineMain() {}

  /** Print it: {@code <empty directory>}. */
  public static void main(String[] args) throws Exception {
    lines(Path.of(args[0])).forEach(System.out::println);
  }

  static Pipeline pipeline() {
    return Pipeline.named("bare")
        .timeLimit(Duration.ofDays(2))
        .step("names", s -> s.code("names", "1").output("names"))
        .step(
            "flaky",
            s ->
                s.agent("engineer")
                    .model("large-1")
                    .prompt("Do it")
                    .after("names")
                    .gate(Gate.code("there", "1"))
                    .attempts(4)
                    .backoff(Backoff.fixed(Duration.ofMinutes(3)))
                    .output("said"))
        .step("ok", s -> s.approval("Is {{ said }} right?").after("flaky"))
        .step(
            "plan", s -> s.plan("planner").after("ok").prompt("Plan {{ said }}").template("piece"))
        .template("piece", s -> s.agent("engineer").prompt("{{ item.text }}"))
        .step(
            "each",
            s ->
                s.agent("engineer")
                    .prompt("{{ item }}")
                    .forEach("{{ list }}")
                    .parallel(2)
                    .failure(Action.Failure.KEEP)
                    .after("plan"))
        .step(
            "inside",
            s ->
                s.pipeline(
                        p ->
                            p.step("a", a -> a.agent("engineer").prompt("a").output("x"))
                                .step("b", b -> b.agent("engineer").prompt("{{ x }}").after("a")))
                    .after("each"))
        .step("late", s -> s.code("names", "1").after("inside").delay(Duration.ofHours(1)))
        .step(
            "never", s -> s.code("names", "1").after("late").when("{{ said }} equals 'something'"))
        .step("broken", s -> s.agent("engineer").prompt("Break").after("late"))
        .step("behind", s -> s.code("names", "1").after("broken"))
        .build();
  }

  private static ScriptedAgent agent() {
    return ScriptedAgent.named("scripted")
        .capabilities(Capability.SESSIONS, Capability.PROMPT_AFTER_START)
        .on("flaky", Turn.failing(ErrorClass.TRANSIENT, "the network").uses(CENT))
        .then(Turn.says("half").session("talk").writes("half.txt", "x").uses(CENT))
        .then(Turn.says("done").session("talk").writes("there.txt", "x").uses(CENT))
        .on("plan", Turn.says(PLAN).uses(CENT))
        .on("each/2", Turn.failing(ErrorClass.PERMANENT, "never").uses(CENT))
        .on("broken", Turn.failing(ErrorClass.REFUSED, "I will not").usesUnknown())
        .otherwise(Turn.says("did it").writes("more.txt", "x").uses(CENT))
        .build();
  }

  static List<String> lines(Path directory) throws Exception {
    try (VirtualTime time = VirtualTime.create();
        Maestro maestro =
            Maestro.builder()
                .store(InMemoryStore.create())
                .owner("test")
                .discoverNothing()
                .provider(agent())
                .time(time)
                .slots(1)
                .random(() -> 0.5)
                .workspaces(DirectoryWorkspaces.at(directory))
                .step("names", "1", context -> "some")
                .gate("there", "1", subject -> isThere(directory))
                .build()) {
      Run run =
          maestro.start(pipeline(), RunId.of("bare-1"), Inputs.of("list", List.of("a", "b", "c")));
      RunResult result = toRest(run, time);
      run.answer(result.questions().get(0).id(), Answer.approve(), Actor.of("ann"));
      toRest(run, time);
      List<String> lines = new ArrayList<>();
      RunEventCodec codec = new RunEventCodec();
      run.journal(1)
          .forEach(record -> lines.add(line(record.sequence(), codec.encode(record.event()))));
      return lines;
    }
  }

  private static String line(long number, Envelope envelope) {
    return "%d %s %d %s %s"
        .formatted(
            number,
            envelope.type(),
            envelope.version(),
            envelope.at(),
            new String(envelope.json(), StandardCharsets.UTF_8));
  }

  private static GateCheck.Finding isThere(Path directory) {
    return Files.exists(directory.resolve("there.txt"))
        ? GateCheck.Finding.pass()
        : GateCheck.Finding.fail("nothing is there");
  }

  /** Time goes on only when nobody is at work. */
  private static RunResult toRest(Run run, VirtualTime time) throws InterruptedException {
    Optional<RunResult> result = run.await(Duration.ofMillis(5));
    while (result.isEmpty()) {
      Optional<Instant> next =
          run.snapshot().tasks().stream()
              .map(Task::until)
              .flatMap(Optional::stream)
              .min(Instant::compareTo);
      next.filter(until -> until.isAfter(time.instant())).ifPresent(time::moveTo);
      result = run.await(Duration.ofMillis(5));
    }
    return result.get();
  }
}
