package dev.maestro.testing;

import static org.assertj.core.api.Assertions.assertThat;

import dev.maestro.Maestro;
import dev.maestro.Run;
import dev.maestro.RunResult;
import dev.maestro.attempt.Transcripts;
import dev.maestro.failure.ErrorClass;
import dev.maestro.gate.Gate;
import dev.maestro.gate.GateRunner;
import dev.maestro.gate.Receipt;
import dev.maestro.pipeline.Inputs;
import dev.maestro.pipeline.Pipeline;
import dev.maestro.pipeline.StepBuilder;
import dev.maestro.run.Task;
import dev.maestro.store.BlobId;
import dev.maestro.store.InMemoryStore;
import dev.maestro.store.Store;
import dev.maestro.task.RunId;
import dev.maestro.task.TaskId;
import dev.maestro.workspace.DirectoryWorkspaces;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Whatever is cut before it is stored: no half of a secret is left where it was. */
@Timeout(300)
class CutSecretsRunTest {

  // so long that nothing but secrets and what is cut of one is in the end of an output
  private static final String SECRET = "hunter2 and more".repeat(12);
  private static final int LINES = 25_000;
  private static final String PRINTS = "yes \"$TOKEN\" | head -n " + LINES;

  @TempDir Path directory;

  private final InMemoryStore store = InMemoryStore.create();

  private RunResult run(Turn turn, Consumer<StepBuilder> step) throws Exception {
    try (Maestro maestro = maestro(turn)) {
      return start(maestro, step).await();
    }
  }

  private Maestro maestro(Turn turn) {
    return Maestro.builder()
        .discoverNothing()
        .store(store)
        .transcripts(Transcripts.ON)
        .secrets(name -> Optional.of(SECRET))
        .workspaces(DirectoryWorkspaces.at(directory))
        .provider(ScriptedAgent.named("scripted").otherwise(turn).build())
        .build();
  }

  private static Run start(Maestro maestro, Consumer<StepBuilder> step) {
    Pipeline pipeline =
        Pipeline.named("p")
            .step(
                "a",
                s -> {
                  s.secret("TOKEN");
                  step.accept(s);
                })
            .build();
    return maestro.start(pipeline, RunId.of("r"), Inputs.none());
  }

  private static Task task(RunResult result) {
    return result.snapshot().task("a").orElseThrow();
  }

  private byte[] kept(Receipt receipt) {
    try (Store open = store.open(VirtualTime.create())) {
      return open.blob(new BlobId(receipt.outputHash())).orElseThrow();
    }
  }

  @Test
  void theOutputOfAGateThatIsTooLongIsKeptWithoutHalfOfOne() throws Exception {
    try (Maestro maestro = maestro(Turn.says("done"))) {
      Run run =
          start(
              maestro,
              s -> s.agent("x").prompt("do it").allowNoOp().gate(Gate.command("sh", "-c", PRINTS)));
      Receipt receipt = task(run.await()).receipts().get(0);
      String kept = new String(kept(receipt), StandardCharsets.UTF_8);

      assertThat((long) LINES * (SECRET.length() + 1)).isGreaterThan(GateRunner.MAX_OUTPUT);
      assertThat(kept).startsWith("…***\n");
      assertThat(kept.substring(1).lines().distinct()).containsExactly("***");
    }
  }

  @Test
  void theEndOfWhatAFailedCommandPrintedIsToldWithoutHalfOfOne() throws Exception {
    RunResult result =
        run(Turn.says("x"), s -> s.command("sh", "-c", "(" + PRINTS + ") >&2; exit 3"));

    assertThat(task(result).trouble().orElseThrow().toString())
        .contains("***")
        .doesNotContain("hunt", "more");
  }

  @Test
  void aMessageThatAProviderCutIsStoredWithoutHalfOfOneWhereverItLies() throws Exception {
    for (int half = 4; half < SECRET.length(); half += 37) {
      Turn turn = Turn.failing(ErrorClass.REFUSED, "no: " + SECRET.substring(0, half) + "…");
      try (Maestro maestro = maestro(turn)) {
        Run run =
            maestro.start(
                Pipeline.named("p")
                    .step("a", s -> s.agent("x").prompt("do it").secret("TOKEN"))
                    .build(),
                RunId.of("r" + half),
                Inputs.none());
        assertThat(task(run.await()).trouble().orElseThrow().message()).isEqualTo("no: ***…");
      }
    }
  }

  @Test
  void aTranscriptHasNoHalfOfOneWhereverItsPassagesAreParted() throws Exception {
    Turn turn = Turn.says("done");
    for (int half = 1; half < SECRET.length(); half += 7) {
      turn =
          turn.mentions("x ".repeat(4_100) + SECRET.substring(0, half))
              .mentions(SECRET.substring(half) + " y ");
    }
    try (Maestro maestro = maestro(turn)) {
      Run run = start(maestro, s -> s.agent("x").prompt("do it").allowNoOp());
      run.await();

      assertThat(run.transcript(TaskId.of("a"), 1).orElseThrow())
          .contains("*** y")
          .doesNotContain("hunt", "2 and", "more");
    }
  }
}
