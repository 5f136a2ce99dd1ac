package dev.maestro;

import static org.assertj.core.api.Assertions.assertThat;

import dev.maestro.agent.Persona;
import dev.maestro.agent.ProviderRegistry;
import dev.maestro.pipeline.Inputs;
import dev.maestro.pipeline.Pipeline;
import dev.maestro.store.InMemoryStore;
import dev.maestro.task.RunId;
import dev.maestro.workspace.DirectoryWorkspaces;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.lang.ref.Reference;
import java.lang.ref.WeakReference;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(300)
class StartChecksTest {

  @TempDir Path directory;

  @Test
  void aRoleThatLooksLikeAMisspeltPersonaIsToldOnce() throws Exception {
    Pipeline pipeline =
        Pipeline.named("p")
            .step("misspelt", s -> s.agent("enginer").prompt("do it"))
            .step("role", s -> s.agent("reviewer").prompt("look at it"))
            .step("provider", s -> s.agent("paid").prompt("do it"))
            .build();
    ByteArrayOutputStream log = new ByteArrayOutputStream();
    PrintStream before = System.err;
    System.setErr(new PrintStream(log, true, StandardCharsets.UTF_8));
    try (Maestro maestro =
        Maestro.builder()
            .store(InMemoryStore.create())
            .discoverNothing()
            .provider(new Paid())
            .persona(Persona.named("engineer"))
            .workspaces(DirectoryWorkspaces.at(directory))
            .build()) {
      for (String run : new String[] {"one", "two"}) {
        assertThat(maestro.start(pipeline, RunId.of(run), Inputs.none()).await().isSuccess())
            .isTrue();
      }
    } finally {
      System.setErr(before);
    }

    assertThat(log.toString(StandardCharsets.UTF_8).lines())
        .filteredOn(line -> line.contains("did you mean"))
        .singleElement()
        .asString()
        .contains(
            "Step misspelt", "`enginer`", "did you mean `engineer`? There are: engineer, paid");
  }

  /** As whoever starts a pipeline does, and has no use for it afterwards. */
  private static WeakReference<Pipeline> lookedInto(StartChecks checks) {
    Pipeline pipeline = Pipeline.named("p").step("a", s -> s.command("true")).build();
    checks.orThrow(pipeline, Inputs.none());
    return new WeakReference<>(pipeline);
  }

  @Test
  void aPipelineThatWasLookedIntoIsLetGoOf() {
    StartChecks checks =
        new StartChecks(ProviderRegistry.of(), Map.of(), DirectoryWorkspaces.at(directory));

    WeakReference<Pipeline> pipeline = lookedInto(checks);
    for (int i = 0; i < 100 && !pipeline.refersTo(null); i++) {
      System.gc();
    }

    assertThat(pipeline.refersTo(null)).isTrue();
    Reference.reachabilityFence(checks);
  }
}
