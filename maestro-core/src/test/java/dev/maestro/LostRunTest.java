package dev.maestro;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.maestro.pipeline.Inputs;
import dev.maestro.pipeline.Pipeline;
import dev.maestro.store.FileStore;
import dev.maestro.store.StoreException;
import dev.maestro.task.RunId;
import dev.maestro.task.RunKey;
import dev.maestro.task.RunStatus;
import dev.maestro.task.Tenant;
import dev.maestro.workspace.DirectoryWorkspaces;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Nothing is paid for twice because the file of a run that has ended was lost. */
@Timeout(300)
class LostRunTest {

  private static final Pipeline PIPELINE =
      Pipeline.named("paying").step("pay", s -> s.code("pay", "1")).build();

  @TempDir Path directory;
  private final AtomicInteger paid = new AtomicInteger();

  private Maestro open(FileStore store) {
    return Maestro.builder()
        .store(store)
        .discoverNothing()
        .workspaces(DirectoryWorkspaces.at(directory.resolve("work")))
        .step("pay", "1", context -> paid.incrementAndGet())
        .build();
  }

  @Test
  void isNotStartedAgainUnlessSomebodyHasSaidSo() throws Exception {
    FileStore store = FileStore.at(directory.resolve("store"));
    try (Maestro maestro = open(store)) {
      maestro.start(PIPELINE, RunId.of("lost"), Inputs.none()).await();
      maestro.maintain();
    }
    Files.delete(directory.resolve("store/runs/default/lost.jsonl"));

    try (Maestro maestro = open(store)) {
      maestro.recover();
      assertThatThrownBy(() -> maestro.start(PIPELINE, RunId.of("lost"), Inputs.none()))
          .isInstanceOf(StoreException.class)
          .hasMessageContaining("run default/lost")
          .hasMessageContaining("its file is missing");
      assertThatThrownBy(() -> maestro.find(RunId.of("lost"))).isInstanceOf(StoreException.class);
      assertThat(maestro.start(PIPELINE, RunId.of("other"), Inputs.none()).await().status())
          .isEqualTo(RunStatus.SUCCEEDED);
    }
    assertThat(paid).hasValue(2);

    store.forget(
        new RunKey(Tenant.DEFAULT, RunId.of("lost")), "no copy was found", InstantSource.system());
    try (Maestro maestro = open(store)) {
      maestro.start(PIPELINE, RunId.of("lost"), Inputs.none()).await();
    }
    assertThat(paid).hasValue(3);
  }
}
