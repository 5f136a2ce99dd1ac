package dev.maestro;

import static org.assertj.core.api.Assertions.assertThat;

import dev.maestro.pipeline.Inputs;
import dev.maestro.pipeline.Pipeline;
import dev.maestro.process.Reaped;
import dev.maestro.process.Reaper;
import dev.maestro.process.Session;
import dev.maestro.store.Commit;
import dev.maestro.store.InMemoryStore;
import dev.maestro.store.RecordKey;
import dev.maestro.store.RecordWrite;
import dev.maestro.store.Store;
import dev.maestro.store.StoreSource;
import dev.maestro.store.VersionedRecord;
import dev.maestro.task.Actor;
import dev.maestro.task.RunId;
import dev.maestro.task.Tenant;
import dev.maestro.workspace.DirectoryWorkspaces;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** What a JVM started and never wrote down is found by its session. */
@Timeout(300)
class SessionsTest {

  private static final String NAMESPACE = "maestro.sessions";
  private static final Pipeline ONE =
      Pipeline.named("one").step("a", s -> s.code("crowd", "1")).build();

  @TempDir Path directory;

  private final Crowd crowd = new Crowd();
  private final StoreSource store = InMemoryStore.create();

  private MaestroBuilder builder(StoreSource source) {
    return Maestro.builder()
        .store(source)
        .discoverNothing()
        .workspaces(DirectoryWorkspaces.at(directory))
        .step("crowd", "1", crowd);
  }

  @Test
  @EnabledOnOs(OS.LINUX)
  void whatWasStartedAndNotYetWrittenDownIsEndedByRecovery() throws Exception {
    halt();

    try (Maestro maestro = HaltMain.builder(directory).build()) {
      Recovery recovery = maestro.recover();

      assertThat(recovery.runs()).hasSize(1);
      assertEnded(recovery.processes());
      assertThat(maestro.recover().processes()).isEmpty();
    }
    assertThat(sessions(HaltMain.store(directory))).isEmpty();
  }

  @Test
  @EnabledOnOs(OS.LINUX)
  void itIsEndedWhenTheRunIsCancelledInstead() throws Exception {
    halt();
    String session = sessions(HaltMain.store(directory)).get(0);

    try (Maestro maestro = HaltMain.builder(directory).build()) {
      maestro.find(RunId.of("r")).orElseThrow().cancel("no", Actor.of("anna"));

      assertThat(new Reaper().reap(new Session(session, "", 0, 0))).isEmpty();
      assertThat(maestro.recover().processes()).isEmpty();
    }
    assertThat(sessions(HaltMain.store(directory))).isEmpty();
  }

  @Test
  void theSessionIsWrittenWithTheFirstWorkAndDeletedByACleanClose() throws Exception {
    Queue<List<Commit>> commits = new ConcurrentLinkedQueue<>();
    StoreSource watched =
        BrokenStore.of(
            store,
            batch -> {
              commits.add(batch);
              return Optional.empty();
            });
    try (Maestro maestro = builder(watched).build()) {
      Run run = maestro.start(ONE, RunId.of("r"), Inputs.none());
      crowd.awaitEntered(1);
      assertThat(commits).filteredOn(SessionsTest::writesASession).hasSize(1);
      crowd.let(1);
      run.await();
    }
    assertThat(sessions(store)).isEmpty();
  }

  @Test
  void theSessionOfALiveJvmIsLeftAloneAndThatOfADeadOneIsDeleted() throws Exception {
    Session alive = Session.begin();
    Session other = Session.begin();
    Session dead = new Session(other.id(), other.bootId(), other.pid(), other.startTicks() - 1);
    write(alive);
    write(dead);

    try (Maestro maestro = builder(store).build()) {
      maestro.recover();
    }

    assertThat(sessions(store)).containsExactly(alive.id());
  }

  @Test
  void aSessionThatCannotBeReadHindersNothing() throws Exception {
    write("0123456789abcdef", "{}");
    try (Maestro maestro = builder(store).build()) {
      assertThat(maestro.recover().processes()).isEmpty();
    }
    assertThat(sessions(store)).containsExactly("0123456789abcdef");
  }

  private void halt() throws Exception {
    Files.createDirectories(directory.resolve("work"));
    Process host =
        new ProcessBuilder(HaltMain.command(directory))
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .redirectError(ProcessBuilder.Redirect.DISCARD)
            .start();
    assertThat(host.waitFor(120, TimeUnit.SECONDS)).isTrue();
    assertThat(host.exitValue()).isEqualTo(9);
    assertThat(sessions(HaltMain.store(directory))).hasSize(1);
  }

  private static void assertEnded(List<Reaped> processes) {
    assertThat(processes).extracting(Reaped::outcome).containsExactly(Reaped.Outcome.REAPED);
    assertThat(processes.get(0).ended()).contains(processes.get(0).identity().pid());
  }

  private static boolean writesASession(List<Commit> commits) {
    return commits.stream()
        .flatMap(commit -> commit.records().stream())
        .anyMatch(write -> write.key().namespace().equals(NAMESPACE));
  }

  private void write(Session session) {
    write(
        session.id(),
        "{\"bootId\":\"%s\",\"pid\":%d,\"startTicks\":%d}"
            .formatted(session.bootId(), session.pid(), session.startTicks()));
  }

  private void write(String id, String json) {
    RecordKey key = new RecordKey(Tenant.DEFAULT, NAMESPACE, id);
    byte[] bytes = json.getBytes(StandardCharsets.UTF_8);
    try (Store open = store.open(InstantSource.system())) {
      open.commit(List.of(Commit.ofRecords(List.of(new RecordWrite(key, 0, bytes)))));
    }
  }

  private static List<String> sessions(StoreSource source) {
    try (Store open = source.open(InstantSource.system())) {
      return open.records(Tenant.DEFAULT, NAMESPACE).stream()
          .map(VersionedRecord::key)
          .map(RecordKey::key)
          .toList();
    }
  }
}
