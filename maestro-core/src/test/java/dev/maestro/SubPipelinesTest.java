package dev.maestro;

import static org.assertj.core.api.Assertions.assertThat;

import dev.maestro.approval.Answer;
import dev.maestro.pipeline.Inputs;
import dev.maestro.pipeline.Output;
import dev.maestro.pipeline.Pipeline;
import dev.maestro.store.FileStore;
import dev.maestro.store.InMemoryStore;
import dev.maestro.store.StoreSource;
import dev.maestro.task.Actor;
import dev.maestro.task.RunId;
import dev.maestro.task.RunStatus;
import dev.maestro.workspace.DirectoryWorkspaces;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(300)
class SubPipelinesTest {

  @TempDir Path directory;

  private MaestroBuilder builder(StoreSource store) {
    return Maestro.builder()
        .store(store)
        .owner("test")
        .discoverNothing()
        .workspaces(DirectoryWorkspaces.at(directory));
  }

  @Test
  void handsValuesInAndOutAsTheyAre() throws Exception {
    Pipeline pipeline =
        Pipeline.named("outer")
            .step("facts", s -> s.code("facts", "1").output(Output.json("facts", Map.class)))
            .step(
                "sub",
                s ->
                    s.pipeline(
                            p ->
                                p.step("a", a -> a.command("echo", "{{ greeting }}").output("said"))
                                    .step("b", b -> b.code("size", "1").output("size")))
                        .input("greeting", "hello {{ who }}")
                        .input("facts", "{{ facts }}")
                        .outputs("said", "size")
                        .after("facts")
                        .output(Output.json("both", Map.class)))
            .step("end", s -> s.command("echo", "{{ both }}").after("sub").output("end"))
            .build();

    try (Maestro maestro =
        builder(InMemoryStore.create())
            .step("facts", "1", c -> Map.of("x", 1, "y", 2))
            .step("size", "1", c -> c.value("facts").orElseThrow().size())
            .build()) {
      RunResult result = maestro.start(pipeline, RunId.of("r"), Inputs.of("who", "you")).await();

      assertThat(result.text("end")).contains("{\"said\":\"hello you\",\"size\":2}");
      assertThat(result.snapshot().tasks())
          .extracting(task -> task.id().value())
          .containsExactly("facts", "sub", "end", "sub/a", "sub/b");
      assertThat(result.text("said")).as("a name that is only known inside").isEmpty();
    }
  }

  @Test
  void largeOutputsAreGathered() throws Exception {
    Pipeline pipeline =
        Pipeline.named("outer")
            .step(
                "sub",
                s ->
                    s.pipeline(
                            p ->
                                p.step("a", a -> a.code("big", "1").output("one"))
                                    .step("b", b -> b.code("big", "1").output("two")))
                        .outputs("one", "two")
                        .output(Output.json("both", Map.class)))
            .build();

    try (Maestro maestro =
        builder(InMemoryStore.create()).step("big", "1", c -> "x".repeat(10_000)).build()) {
      RunResult result = maestro.start(pipeline, RunId.of("r"), Inputs.none()).await();

      Map<?, ?> both = result.output(Output.json("both", Map.class)).orElseThrow();
      assertThat(both.get("one")).isEqualTo("x".repeat(10_000));
      assertThat(both.get("two")).isEqualTo("x".repeat(10_000));
    }
  }

  @Test
  void goesOnInsideAfterARestart() throws Exception {
    AtomicInteger calls = new AtomicInteger();
    Pipeline pipeline =
        Pipeline.named("outer")
            .step(
                "sub",
                s ->
                    s.pipeline(
                            p ->
                                p.step("count", c -> c.code("count", "1").output("n"))
                                    .step(
                                        "ask",
                                        a ->
                                            a.approval("Is {{ n }} enough for {{ who }}?")
                                                .after("count"))
                                    .step(
                                        "end",
                                        e ->
                                            e.command("echo", "{{ n }} for {{ who }}")
                                                .after("ask")
                                                .output("text")))
                        .input("who", "{{ task }}")
                        .outputs("text")
                        .output("done"))
            .build();
    StoreSource store = FileStore.at(directory.resolve("store"));

    try (Maestro first = builder(store).step("count", "1", c -> calls.incrementAndGet()).build()) {
      RunResult parked = first.start(pipeline, RunId.of("r"), Inputs.of("task", "ann")).await();
      assertThat(parked.questions())
          .extracting(q -> q.text())
          .containsExactly("Is 1 enough for ann?");
    }
    try (Maestro second = builder(store).step("count", "1", c -> calls.incrementAndGet()).build()) {
      second.recover();
      Run run = second.start(pipeline, RunId.of("r"), Inputs.of("task", "ann"));
      run.answer(run.snapshot().questions().get(0).id(), Answer.approve(), Actor.of("ann"));
      RunResult result = run.await();

      assertThat(result.status()).isEqualTo(RunStatus.SUCCEEDED);
      assertThat(result.text("done")).contains("1 for ann");
      assertThat(calls).hasValue(1);
    }
  }

  @Test
  void manyMayStandBesideEachOther() throws Exception {
    Pipeline inner =
        Pipeline.named("inner")
            .step("a", s -> s.code("id", "1").output("x"))
            .step("b", s -> s.code("echo", "1").after("a").output("y"))
            .build();
    var builder = Pipeline.named("outer");
    for (String id : List.of("one", "two", "three")) {
      builder.step(id, s -> s.pipeline(inner).input("who", id).outputs("y").output("out-" + id));
    }

    try (Maestro maestro =
        builder(InMemoryStore.create())
            .step("id", "1", c -> c.text("who").orElseThrow())
            .step("echo", "1", c -> c.text("x").orElseThrow())
            .build()) {
      RunResult result = maestro.start(builder.build(), RunId.of("r"), Inputs.none()).await();

      for (String id : List.of("one", "two", "three")) {
        assertThat(result.text("out-" + id)).contains(id);
      }
    }
  }
}
