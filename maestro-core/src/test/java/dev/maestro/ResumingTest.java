package dev.maestro;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.maestro.failure.InvalidDefinitionException;
import dev.maestro.pipeline.Inputs;
import dev.maestro.pipeline.Pipeline;
import dev.maestro.run.ResumePlan;
import dev.maestro.run.ResumePlan.Group;
import dev.maestro.store.InMemoryStore;
import dev.maestro.store.StoreSource;
import dev.maestro.task.RunId;
import dev.maestro.task.TaskId;
import dev.maestro.workspace.DirectoryWorkspaces;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class ResumingTest {

  private static final RunId RUN = RunId.of("r");

  @TempDir Path directory;

  private MaestroBuilder builder(StoreSource store) {
    return Maestro.builder()
        .store(store)
        .owner("test")
        .discoverNothing()
        .workspaces(DirectoryWorkspaces.at(directory));
  }

  private MaestroBuilder builder() {
    return builder(InMemoryStore.create());
  }

  private static Pipeline asking(String second) {
    return Pipeline.named("asking")
        .step("first", s -> s.command("echo", "{{ who }}").output("name"))
        .step("ask", s -> s.approval("Go on with {{ name }}?").after("first"))
        .step("second", s -> s.command("echo", second).after("ask"))
        .build();
  }

  @Test
  void aConflictSaysWhatWouldBecomeOfEachTask() throws Exception {
    try (Maestro maestro = builder().build()) {
      maestro.start(asking("one"), RUN, Inputs.of("who", "ann")).await();

      ResumePlan plan =
          catchThrowableOfType(
                  RunConflictException.class,
                  () -> maestro.start(asking("two"), RUN, Inputs.of("who", "bob")))
              .plan();

      assertThat(plan.tasks(Group.RERUN)).containsExactly(TaskId.of("first"), TaskId.of("ask"));
      assertThat(plan.tasks(Group.NEW)).containsExactly(TaskId.of("second"));
      assertThat(plan.text()).contains("an input it uses has changed (who)").doesNotContain("bob");
    }
  }

  @Test
  void aPipelineThatCannotRunIsRefusedBeforeAnythingIsPlanned() throws Exception {
    Pipeline missing =
        Pipeline.named("asking").step("first", s -> s.agent("nobody").prompt("do it")).build();

    try (Maestro maestro = builder().build()) {
      Run run = maestro.start(asking("one"), RUN, Inputs.of("who", "ann"));

      assertThatThrownBy(() -> maestro.start(missing, RUN, Inputs.none()))
          .isInstanceOf(InvalidDefinitionException.class);
      assertThatThrownBy(() -> run.plan(missing, Inputs.none()))
          .isInstanceOf(InvalidDefinitionException.class);
    }
  }
}
