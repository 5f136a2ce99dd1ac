package dev.maestro;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import dev.maestro.approval.Answer;
import dev.maestro.failure.InvalidDefinitionException;
import dev.maestro.failure.Problem;
import dev.maestro.pipeline.Action;
import dev.maestro.pipeline.Inputs;
import dev.maestro.pipeline.Output;
import dev.maestro.pipeline.Pipeline;
import dev.maestro.run.RunEvent;
import dev.maestro.run.RunRecord;
import dev.maestro.run.RunSnapshot;
import dev.maestro.store.FileStore;
import dev.maestro.store.InMemoryStore;
import dev.maestro.store.StoreSource;
import dev.maestro.task.Actor;
import dev.maestro.task.Reason;
import dev.maestro.task.RunId;
import dev.maestro.task.RunStatus;
import dev.maestro.task.TaskId;
import dev.maestro.task.TaskState;
import dev.maestro.workspace.DirectoryWorkspaces;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(300)
class ForEachRunsTest {

  private static final Output<JsonNode> ALL = Output.json("all", JsonNode.class);

  @TempDir Path directory;

  private MaestroBuilder builder(StoreSource store) {
    return Maestro.builder()
        .store(store)
        .owner("test")
        .discoverNothing()
        .workspaces(DirectoryWorkspaces.at(directory));
  }

  @Test
  void knowsTheElementItsNumberItsFieldsAndWhatIsAround() throws Exception {
    Pipeline pipeline =
        Pipeline.named("p")
            .step("list", s -> s.code("list", "1").output(Output.json("people", List.class)))
            .step(
                "greet",
                s ->
                    s.forEach("{{ people }}")
                        .as("who")
                        .command(
                            "echo",
                            "{{ greeting }} {{ who.name }}, {{ who.index }}. of {{ people }}")
                        .after("list")
                        .output("all"))
            .build();

    try (Maestro maestro =
        builder(InMemoryStore.create())
            .step("list", "1", c -> List.of(Map.of("name", "Ann"), Map.of("name", "Bob")))
            .build()) {
      RunResult result =
          maestro.start(pipeline, RunId.of("r"), Inputs.of("greeting", "Hello")).await();

      assertThat(result.output(ALL).orElseThrow())
          .extracting(JsonNode::textValue)
          .containsExactly(
              "Hello Ann, 1. of [{\"name\":\"Ann\"},{\"name\":\"Bob\"}]",
              "Hello Bob, 2. of [{\"name\":\"Ann\"},{\"name\":\"Bob\"}]");
    }
  }

  @Test
  void noMoreAreAtWorkThanMayBeWhenTheStepIsTriedAgainAlsoAfterARestart() throws Exception {
    Pipeline pipeline =
        Pipeline.named("p")
            .step(
                "each",
                s ->
                    s.forEach("{{ list }}").parallel(1).failure(Action.Failure.KEEP).code("c", "1"))
            .step("ask", s -> s.approval("Is it mended?"))
            .build();
    StoreSource store = FileStore.at(directory.resolve("store"));
    AtomicBoolean mended = new AtomicBoolean();
    MaestroBuilder builder =
        builder(store)
            .step(
                "c",
                "1",
                context -> {
                  if (!mended.get()) {
                    throw new IllegalStateException("not yet");
                  }
                  return "";
                });
    try (Maestro maestro = builder.build()) {
      Run run = maestro.start(pipeline, RunId.of("r"), Inputs.of("list", List.of(1, 2, 3)));
      assertThat(run.await().snapshot().task("each").orElseThrow().state())
          .isEqualTo(TaskState.FAILED);
      run.pause("to be gone on with by another", Actor.of("ann"));
      run.retry(TaskId.of("each"), Actor.of("ann"));
    }
    mended.set(true);

    try (Maestro maestro = builder.build()) {
      maestro.recover();
      Run run = maestro.find(RunId.of("r")).orElseThrow();
      run.resume(Actor.of("ann"));
      run.answer(run.await().questions().get(0).id(), Answer.approve(), Actor.of("ann"));

      assertThat(run.await().status()).isEqualTo(RunStatus.SUCCEEDED);
      assertThat(mostAtWork(run.journal(1))).isEqualTo(1);
    }
  }

  private static int mostAtWork(List<RunRecord> journal) {
    Set<TaskId> atWork = new HashSet<>();
    int most = 0;
    for (RunRecord entry : journal) {
      if (entry.event() instanceof RunEvent.Dispatched begun && begun.task().parent().isPresent()) {
        atWork.add(begun.task());
      }
      most = Math.max(most, atWork.size());
      entry.event().moves().stream()
          .filter(move -> move.to() == TaskState.COMPLETED || move.to() == TaskState.FAILED)
          .forEach(move -> atWork.remove(move.task()));
    }
    return most;
  }

  @Test
  void aPipelineForEachElementKnowsItToo() throws Exception {
    Pipeline pipeline =
        Pipeline.named("p")
            .step(
                "each",
                s ->
                    s.forEach("{{ list }}")
                        .pipeline(
                            p ->
                                p.step("a", a -> a.code("twice", "1").output("twice"))
                                    .step(
                                        "b",
                                        b ->
                                            b.command(
                                                    "echo",
                                                    "{{ twice }} is twice {{ item }}, {{ more }}")
                                                .after("a")
                                                .output("said")))
                        .input("more", "number {{ item.index }} for {{ task }}")
                        .outputs("said")
                        .output("all"))
            .build();

    try (Maestro maestro =
        builder(InMemoryStore.create())
            .step("twice", "1", c -> c.value("item").orElseThrow().intValue() * 2)
            .build()) {
      Inputs inputs = Inputs.of("list", List.of(3, 5)).with("task", "us");
      RunResult result = maestro.start(pipeline, RunId.of("r"), inputs).await();

      assertThat(result.output(ALL).orElseThrow())
          .extracting(JsonNode::textValue)
          .containsExactly("6 is twice 3, number 1 for us", "10 is twice 5, number 2 for us");
      assertThat(result.snapshot().tasks())
          .extracting(task -> task.id().value())
          .containsExactlyInAnyOrder(
              "each", "each/1", "each/2", "each/1/a", "each/1/b", "each/2/a", "each/2/b");
    }
  }

  @Test
  void largeOutputsAreGatheredInOrder() throws Exception {
    Pipeline pipeline =
        Pipeline.named("p")
            .step("each", s -> s.forEach("{{ list }}").code("big", "1").output("all"))
            .step("end", s -> s.code("size", "1").after("each").output("size"))
            .build();

    try (Maestro maestro =
        builder(InMemoryStore.create())
            .step("big", "1", c -> c.text("item").orElseThrow().repeat(6_000))
            .step("size", "1", c -> c.value("all").orElseThrow().size())
            .build()) {
      RunResult result =
          maestro.start(pipeline, RunId.of("r"), Inputs.of("list", List.of("a", "b"))).await();

      assertThat(result.output(ALL).orElseThrow())
          .extracting(JsonNode::textValue)
          .containsExactly("a".repeat(6_000), "b".repeat(6_000));
      assertThat(result.text("size")).contains("2");
    }
  }

  @Test
  void goesOnInTheMiddleAfterARestart() throws Exception {
    AtomicInteger calls = new AtomicInteger();
    Pipeline pipeline =
        Pipeline.named("p")
            .step(
                "each",
                s ->
                    s.forEach("{{ list }}")
                        .parallel(2)
                        .pipeline(
                            p ->
                                p.step("count", c -> c.code("count", "1").output("n"))
                                    .step(
                                        "ask",
                                        a ->
                                            a.approval("Is {{ n }} right for {{ item }}?")
                                                .after("count")))
                        .outputs("n")
                        .output("all"))
            .build();
    StoreSource store = FileStore.at(directory.resolve("store"));
    RunId id = RunId.of("r");

    try (Maestro maestro = counting(store, calls)) {
      RunResult result =
          maestro.start(pipeline, id, Inputs.of("list", List.of("a", "b", "c"))).await();
      assertThat(result.snapshot().questions()).hasSize(2);
      assertThat(calls).hasValue(2);
    }

    try (Maestro maestro = counting(store, calls)) {
      maestro.recover();
      Run run = maestro.start(pipeline, id, Inputs.of("list", List.of("a", "b", "c")));
      RunResult result = run.await();
      while (result.snapshot().status() == RunStatus.WAITING) {
        result
            .snapshot()
            .questions()
            .forEach(asked -> run.answer(asked.id(), Answer.approve(), Actor.of("ann")));
        result = run.await();
      }
      assertThat(result.status()).isEqualTo(RunStatus.SUCCEEDED);
      assertThat(result.output(ALL).orElseThrow()).hasSize(3);
      assertThat(calls).as("nothing is done twice").hasValue(3);
    }
  }

  private Maestro counting(StoreSource store, AtomicInteger calls) {
    return builder(store).step("count", "1", c -> calls.incrementAndGet()).build();
  }

  @Test
  void aFailureStopsWhatIsAtWorkOnTheOthers() throws Exception {
    CountDownLatch working = new CountDownLatch(1);
    CountDownLatch stopped = new CountDownLatch(1);
    Pipeline pipeline =
        Pipeline.named("p")
            .step("each", s -> s.forEach("{{ list }}").code("work", "1").output("all"))
            .build();

    try (Maestro maestro =
        builder(InMemoryStore.create())
            .step(
                "work",
                "1",
                c -> {
                  if (c.text("item").orElseThrow().equals("bad")) {
                    working.await();
                    throw new IllegalStateException("it is bad");
                  }
                  working.countDown();
                  try {
                    new CountDownLatch(1).await();
                  } finally {
                    stopped.countDown();
                  }
                  return "never";
                })
            .build()) {
      RunResult result =
          maestro.start(pipeline, RunId.of("r"), Inputs.of("list", List.of("good", "bad"))).await();

      assertThat(result.status()).isEqualTo(RunStatus.FAILED);
      RunSnapshot snapshot = result.snapshot();
      assertThat(snapshot.task("each/1").orElseThrow().state()).isEqualTo(TaskState.CANCELLED);
      assertThat(snapshot.task("each").orElseThrow().detail())
          .contains("1 of 2 elements failed: each/2");
      stopped.await();
    }
  }

  @Test
  void theOthersGoOnWhereFailuresAreKept() throws Exception {
    Pipeline pipeline =
        Pipeline.named("p")
            .step(
                "each",
                s ->
                    s.forEach("{{ list }}")
                        .parallel(1)
                        .failure(Action.Failure.KEEP)
                        .command("test", "{{ item }}", "!=", "bad")
                        .allowNoOp()
                        .output("all"))
            .build();

    try (Maestro maestro = builder(InMemoryStore.create()).build()) {
      RunResult result =
          maestro
              .start(pipeline, RunId.of("r"), Inputs.of("list", List.of("a", "bad", "b")))
              .await();

      assertThat(result.status()).isEqualTo(RunStatus.SUCCEEDED);
      assertThat(result.output(ALL).orElseThrow().toString()).isEqualTo("[\"\",null,\"\"]");
    }
  }

  @Test
  void whatCannotBeStartedIsNamedByItsWholePath() {
    Pipeline pipeline =
        Pipeline.named("p")
            .step(
                "each",
                s ->
                    s.forEach("{{ list }}")
                        .pipeline(
                            p ->
                                p.step("a", a -> a.agent("x").prompt("{{ item }}"))
                                    .step("b", b -> b.command("x").mergeInto("main"))))
            .step("one", s -> s.forEach("{{ list }}").agent("x").prompt("{{ item }}"))
            .build();

    try (Maestro maestro = builder(InMemoryStore.create()).build()) {
      assertThatThrownBy(
              () -> maestro.start(pipeline, RunId.of("r"), Inputs.of("list", List.of("a"))))
          .isInstanceOfSatisfying(
              InvalidDefinitionException.class,
              e ->
                  assertThat(e.problems())
                      .extracting(Problem::path)
                      .containsExactly(
                          "steps.each.pipeline.steps.a",
                          "steps.each.pipeline.steps.b.mergeInto",
                          "steps.one"));
    }
  }

  @Test
  void whatIsNoListFailsTheStep() throws Exception {
    Pipeline pipeline =
        Pipeline.named("p")
            .step("list", s -> s.code("list", "1").output("list"))
            .step("each", s -> s.forEach("{{ list }}").command("true").after("list"))
            .build();

    try (Maestro maestro =
        builder(InMemoryStore.create()).step("list", "1", c -> Map.of("a", 1)).build()) {
      RunResult result = maestro.start(pipeline, RunId.of("r"), Inputs.none()).await();

      var each = result.snapshot().task("each").orElseThrow();
      assertThat(each.state()).isEqualTo(TaskState.FAILED);
      assertThat(each.reason()).contains(Reason.INVALID_OUTPUT);
      assertThat(each.detail().orElseThrow()).contains("'list'", "no list but object");
    }
  }

  @Test
  void aListThatNobodyMadeIsToldFromOneThatIsNone() throws Exception {
    Pipeline pipeline =
        Pipeline.named("p")
            .step(
                "list",
                s ->
                    s.code("list", "1")
                        .when("{{ topic }} contains 'never'")
                        .output(Output.json("list", List.class)))
            .step("other", s -> s.command("true"))
            .step("each", s -> s.forEach("{{ list }}").command("true").after("list", "other"))
            .build();

    try (Maestro maestro =
        builder(InMemoryStore.create()).step("list", "1", c -> List.of()).build()) {
      RunResult result = maestro.start(pipeline, RunId.of("r"), Inputs.of("topic", "x")).await();

      var each = result.snapshot().task("each").orElseThrow();
      assertThat(each.reason()).contains(Reason.INVALID_OUTPUT);
      assertThat(each.detail().orElseThrow()).contains("'list'", "skipped", "'when'");
    }
  }

  @Test
  void aListThatIsTooLongFailsTheStepThatMadeIt() throws Exception {
    Pipeline pipeline =
        Pipeline.named("p")
            .step("list", s -> s.code("list", "1").output("list"))
            .step("each", s -> s.forEach("{{ list }}").command("true").after("list"))
            .build();

    try (Maestro maestro =
        builder(InMemoryStore.create())
            .step("list", "1", c -> List.of("x".repeat(9_000)))
            .build()) {
      RunResult result = maestro.start(pipeline, RunId.of("r"), Inputs.none()).await();

      var list = result.snapshot().task("list").orElseThrow();
      assertThat(list.reason()).contains(Reason.OUTPUT_TOO_LARGE);
      assertThat(list.detail().orElseThrow())
          .contains("the output of list has 9004 bytes", "8192", "into files");
    }
  }
}
